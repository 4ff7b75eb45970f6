/** Loads what an app provides itself, a source or a serializer, from the module that an option names. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Source } from "../migrate/index.js";
import type { RedisSessionStoreOptions } from "../express-session/index.js";
import { UsageError } from "./failure.js";
import { guardSource } from "./own-source.js";
import { propertyOf } from "../errors/index.js";

type Serializer = NonNullable<RedisSessionStoreOptions["serializer"]>;

/** Loads `--source`: a source, or a function that opens one, as the default export or as `source`. */
export async function loadSource(path: string): Promise<Source> {
  const exported = await exportOf("--source", path, "source");
  const source = typeof exported === "function" ? await opened(path, exported) : exported;
  mustHave<Source>("--source", path, source, ["check", "count", "rows", "find", "write", "remove", "close"]);
  return guardSource(source, path);
}

async function opened(path: string, open: Function): Promise<unknown> {
  try {
    return await Reflect.apply(open, undefined, []);
  } catch (cause) {
    throw new UsageError(`--source is "${path}": its exported function failed; --verbose shows why.`, { cause });
  }
}

/** Loads `--serializer`: the default export, or `serializer`. */
export async function loadSerializer(path: string): Promise<Serializer> {
  const serializer = await exportOf("--serializer", path, "serializer");
  mustHave<Serializer>("--serializer", path, serializer, ["parse", "stringify"]);
  return serializer;
}

async function exportOf(option: string, path: string, name: string): Promise<unknown> {
  const isFile = /^[./]|\.[cm]?js$/.test(path);
  let module: Record<string, unknown>;
  try {
    module = await import(isFile ? pathToFileURL(resolve(path)).href : path);
  } catch (cause) {
    const why =
      propertyOf(cause, "code") === "ERR_MODULE_NOT_FOUND"
        ? "there is no such module"
        : "it cannot be loaded; --verbose shows why";
    throw new UsageError(`${option} is "${path}": ${why}.`, { cause });
  }
  return module["default"] ?? module[name];
}

function mustHave<T>(
  option: string,
  path: string,
  value: unknown,
  methods: readonly (keyof T & string)[],
): asserts value is T {
  const missing = methods.filter((name) => typeof propertyOf(value, name) !== "function");
  if (missing.length > 0) throw new UsageError(`${option} is "${path}": its export has no ${missing.join(", ")}.`);
}
