/** How opening a source, or the proof of the way back, fails. */
import { inspect } from "node:util";
import { expect } from "vitest";
import { openSource, proveWritable, type SourceOptions } from "../../../lib/migrate/sources/source.js";

/** The code and the message with which it fails to open or at its check; nothing in the error shows a password. */
export async function failureOf(url: string, options: Omit<SourceOptions, "url"> = {}) {
  let source;
  try {
    source = await openSource({ url, ...options });
    await source.check();
  } catch (error) {
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/s3cr3t|wrong-word/);
    const { name, code, message } = error as Error & { code: string };
    expect(name).toBe("HoldfastError");
    return `${code} ${message}`;
  } finally {
    await source?.close();
  }
  return "it did not fail";
}

/** The same of the way back. */
export async function wayBackOf(url: string, options: Omit<SourceOptions, "url"> = {}) {
  const source = await openSource({ url, ...options });
  try {
    await source.check();
    await proveWritable(source);
  } catch (error) {
    const { code, message } = error as Error & { code: string };
    return `${code} ${message}`;
  } finally {
    await source.close();
  }
  return "open";
}
