/**
 * The native libraries. They are loaded at the first password, so that an app that checks none can be bundled and run
 * without them.
 */
import type * as Argon2 from "@node-rs/argon2";
import type * as Bcrypt from "@node-rs/bcrypt";
import { codes, HoldfastError } from "../../errors/index.js";

interface Libraries {
  "@node-rs/argon2": typeof Argon2;
  "@node-rs/bcrypt": typeof Bcrypt;
}

/** @throws HoldfastError HASHING_MISSING */
export const loadArgon2 = () => load("@node-rs/argon2");

/** @throws HoldfastError HASHING_MISSING */
export const loadBcrypt = () => load("@node-rs/bcrypt");

/** No bundler resolves a parameter, however much it inlines; the comments silence the two that would warn. */
async function load<Name extends keyof Libraries>(name: Name): Promise<Libraries[Name]> {
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
