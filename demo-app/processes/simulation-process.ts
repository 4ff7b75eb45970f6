/** The process of the simulated visitors: lives as long as the shop that started it. */
import { makeAccountsInRedis } from "../simulation/accounts.js";
import { Simulation } from "../simulation/simulation.js";

// Ctrl-C reaches every process of the terminal; the primary says when to stop.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
// The channel closes when the simulation is switched off, when the shop stops, and when it is killed, which may have
// happened before this line.
process.on("disconnect", () => process.exit(0));
if (!process.connected) process.exit(0);

new Simulation({ url: process.argv[2]!, makeAccounts: makeAccountsInRedis }).start();
