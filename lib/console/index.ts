/**
 * The public API of `holdfast/console`: pages on which an operator sees whether all is well with the sessions, and acts.
 *
 * - `http`: who may come in, from where, and how a page is answered
 * - `now`: all processes, live
 * - `sessions`: find a session, show it, end it
 * - `redis`: the findings of the doctor
 * - `move`: the steps of a migration
 * - `views`: what all pages share; `client` runs in the browser, `styles` are its looks, `assets` serves both
 */
export { createConsole as console, type Console } from "./console.js";
export type { ConsoleOptions, OperatorRequest } from "./options.js";
export type { Observable } from "../ops/target.js";
