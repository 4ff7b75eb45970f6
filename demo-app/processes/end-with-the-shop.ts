/** For an embedded server's process: it lives as long as the shop that started it. Import it first. */

// Ctrl-C reaches every process of the terminal; this one waits until the workers have saved their last sessions.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
// The channel closes when the shop stops, and also when it is killed, which may have happened before this line.
process.on("disconnect", () => process.exit(0));
if (!process.connected) process.exit(0);
