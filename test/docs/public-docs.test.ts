/** What an editor shows of the public API: each function has an example that compiles, and each number has a unit. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { root, run, type Failed } from "../package/stranger.js";
import { programOf } from "./support/example-programs.js";
import { publicDocs, type Documented } from "./support/public-docs.js";

const { documented, exported } = publicDocs();
const namesOf = (found: Documented[]) => found.map(({ name }) => name);

/** Interfaces that an app or a client library implements. This package calls their methods, an app does not. */
const implemented = ["AccountStore", "AccountStoreCheck", "MetricsRegister", "Serializer", "Source"];

describe("each function, class and method that an app calls", () => {
  const called = documented.filter(({ kind, owner = "" }) => kind !== "property" && !implemented.includes(owner));

  it("is found", () => {
    const some = ["redisSession", "sum", "HoldfastError.is", "RedisSessionStore.get", "LocalAuth.forms"];
    expect(namesOf(called)).toEqual(expect.arrayContaining(some));
    expect(called.length).toBeGreaterThan(90);
  });

  it("says what it does", () => {
    expect(namesOf(called.filter(({ text }) => text === ""))).toEqual([]);
  });

  it("has an example, which overloads may share", () => {
    const shown = new Set(namesOf(called.filter(({ examples }) => examples.length > 0)));
    expect(namesOf(called).filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe("each number", () => {
  const numbers = documented.filter(({ kind, isNumber }) => kind === "property" && isNumber);
  const unit =
    /seconds\b|bytes\b|characters\b|0 to 100|keys (per|that)|rows\b|sessions\b|number\b|how (many|often)|counts\b|version\b|HTTP status|`status`|changes\b|differences\b|position\b/i;

  it("is found", () => expect(numbers.length).toBeGreaterThan(60));

  it("says its unit, or what it counts", () => {
    const ids = ["GivenUser.id", "TestUser.id"]; // the app's own
    const silent = numbers.filter(({ name, text }) => !unit.test(text) && !ids.includes(name));
    expect(namesOf(silent)).toEqual([]);
  });

  it("says its default if it is an option", () => {
    const results = /^(Activity|BackfillMark|HealthReport|Refused)\./; // stored or returned, not given
    const options = numbers.filter(({ name, isOptional }) => isOptional && !results.test(name));
    expect(namesOf(options.filter(({ defaults }) => defaults.length === 0))).toEqual([]);
  });
});

describe("each option that may be omitted", () => {
  /** A visitor's input, which is refused without them. */
  const inputs = ["LogInOptions.username", "LogInOptions.password"];
  const options = documented.filter(
    ({ isOptional, isRuledOut, name, owner = "" }) =>
      /Options(Base)?$/.test(owner) && isOptional && !isRuledOut && !inputs.includes(name),
  );

  it("is found", () => expect(options.length).toBeGreaterThan(90));

  it("says what applies then", () => {
    expect(namesOf(options.filter(({ defaults }) => defaults.length === 0))).toEqual([]);
  });
});

describe("the examples", () => {
  const folder = join(root, ".build", `examples-${process.pid}`);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("compile", async () => {
    mkdirSync(folder, { recursive: true });
    for (const [i, one] of documented.entries())
      for (const [n, example] of one.examples.entries())
        writeFileSync(join(folder, `${one.name}-${i}-${n}.mts`), programOf(one, example, exported));
    const compilerOptions = { rootDir: "../..", verbatimModuleSyntax: false };
    const include = ["*.mts", "../../test/docs/examples/given.d.ts"];
    const config = { extends: "../../tsconfig.json", compilerOptions, include, exclude: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await run(process.execPath, [tsc, "-p", folder], folder).catch((error: Failed) => {
      if (!error.stdout) throw error; // it is the compiler that failed
      return error;
    });
    // A function's parameter has no type, which JavaScript cannot give it; nothing else is let pass there.
    const untyped = /^\S+\(\d+,\d+\): error TS7006: .*$/;
    expect(stdout.split("\n").filter((line) => line !== "" && !untyped.test(line))).toEqual([]);
  });
});
