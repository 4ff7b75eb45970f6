/**
 * For the process of an embedded server, or of the simulated visitors: it lives as long as the shop that started it.
 * Import it first.
 */

// Ctrl-C reaches every process of the terminal; this one waits until the workers have saved their last sessions.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
// The channel closes when it is not needed any more, when the shop stops, and also when the shop is killed, which may
// have happened before this line.
process.on("disconnect", () => process.exit(0));
if (!process.connected) process.exit(0);
