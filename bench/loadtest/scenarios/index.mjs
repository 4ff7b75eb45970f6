// The scenarios by name, in the order in which they run and are reported.
import * as database from "./database.mjs";
import * as growth from "./growth.mjs";
import * as logins from "./logins.mjs";
import * as memory from "./memory.mjs";
import * as visitors from "./visitors.mjs";
import * as writes from "./writes.mjs";

export const scenarios = { writes, visitors, logins, database, memory, growth };
