/**
 * The native libraries. They are loaded at the first password, so that an app that checks none can be bundled and run
 * without them.
 */
import type * as Argon2 from "@node-rs/argon2";
import type * as Bcrypt from "@node-rs/bcrypt";
import { codes, HoldfastError } from "../../errors/index.js";

/** @throws HoldfastError HASHING_MISSING */
export const loadArgon2 = () => load("@node-rs/argon2") as Promise<typeof Argon2>;

/** @throws HoldfastError HASHING_MISSING */
export const loadBcrypt = () => load("@node-rs/bcrypt") as Promise<typeof Bcrypt>;

/** No bundler resolves a parameter, however much it inlines; the comments silence the two that would warn. */
async function load(name: string): Promise<unknown> {
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ name);
  } catch (cause) {
    throw new HoldfastError(
      codes.HASHING_MISSING,
      `Passwords cannot be hashed or checked, because ${name} cannot be loaded. ` +
        `On the machine where the app runs, install it with its optional dependencies: npm i ${name}.`,
      { cause },
    );
  }
}
