// Uses the package by import and by require() in one process, and prints which of them are one.
import { createRequire } from "node:module";
import * as imported from "holdfast";
import * as auth from "holdfast/auth";
import * as migrate from "holdfast/migrate";

const require = createRequire(import.meta.url);
const required = require("holdfast");
const isSame = (one, other) => Object.keys(one).every((name) => one[name] === other[name]);

const warnings = [];
process.on("warning", ({ code }) => warnings.push(code));
const secret = "a secret of at least 32 characters";
const sessions = imported.redisSession({ secret, thisIsNoOption: 1 });
const others = required.redisSession({ secret, thisIsNoOption: 1, client: sessions.client });
await sessions.ready();
await others.ready();

const thrown = (work) => {
  try {
    work();
  } catch (error) {
    return error;
  }
};
console.log(
  JSON.stringify({
    names: isSame(imported, required),
    auth: isSame(auth, require("holdfast/auth")),
    migrate: isSame(migrate, require("holdfast/migrate")),
    store: others.store instanceof imported.RedisSessionStore,
    error: thrown(() => required.redisSession({ unset: "?" })) instanceof imported.HoldfastError,
    errorOfAuth: thrown(() => auth.localAuth({})) instanceof required.HoldfastError,
    errorOfMigrate:
      (await migrate.openSource({ url: "nonsense:" }).catch((error) => error)) instanceof required.HoldfastError,
    isCommonJs: require.resolve("holdfast").includes("cjs"),
    warnings,
  }),
);
await sessions.close();
