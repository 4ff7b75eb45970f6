/** The process of the simulated visitors. */
// oxlint-disable-next-line import/no-unassigned-import -- it begins to listen before anything else is loaded
import "./end-with-the-shop.js";
import { makeAccountsInRedis } from "../simulation/accounts.js";
import { Simulation } from "../simulation/simulation.js";

new Simulation({ url: process.argv[2]!, makeAccounts: makeAccountsInRedis }).start();
