/** Every script that sessions and logins need, by its SHA-1. */
import { defineScript } from "../../../redis/index.js";
import { ofAccounts } from "./accounts.js";
import { ofLogins } from "./logins.js";
import type { ScriptInMemory } from "./script.js";
import { ofSessions } from "./sessions.js";

export const scriptsInMemory: ReadonlyMap<string, ScriptInMemory> = new Map(
  [...ofSessions, ...ofLogins, ...ofAccounts].map(([source, run]) => [defineScript(source).sha1, run]),
);
