/**
 * The exported `RedisSessionStore`. Called without `new`, as in connect-redis 3 to 6, it says what to write instead.
 */
import { RedisSessionStore as TheClass } from "./redis-session-store.js";
import { notTheClass } from "./store-options.js";

export const RedisSessionStore = new Proxy(TheClass, {
  apply() {
    throw notTheClass("was called as a function");
  },
});
export type RedisSessionStore = TheClass;
