/** Wraps a custom source: its errors become one sentence, without text that may quote a session id. */
import { codes, HoldfastError } from "../errors/index.js";
import type { Source } from "../migrate/index.js";

export function guardSource(source: Source, path: string): Source {
  const name = source.name || `the source of ${path}`;
  const guarded =
    <A extends unknown[], R>(method: string, work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await work.apply(source, args);
      } catch (cause) {
        if (cause instanceof HoldfastError) throw cause;
        throw new HoldfastError(codes.SOURCE_FAILED, `${name}: ${method}() failed. Its text is in \`cause\`.`, {
          cause,
        });
      }
    };
  return {
    name,
    check: guarded("check", source.check),
    count: guarded("count", source.count),
    rows: guarded("rows", source.rows),
    find: guarded("find", source.find),
    write: guarded("write", source.write),
    remove: guarded("remove", source.remove),
    ...(source.clock && { clock: guarded("clock", source.clock) }),
    close: guarded("close", source.close),
  };
}
