/** The state of a migration, and what one has left behind. */
import { errorText, HoldfastError } from "../../../errors/index.js";
import { MoveControl, type BackfillMark, type KnownProcess, type MoveRecord } from "../../../migrate/index.js";
import type { GuardedClient } from "../../../redis/index.js";
import type { Answer } from "./answer.js";

export interface MoveFacts {
  readonly record: MoveRecord;
  readonly processes: readonly KnownProcess[];
  readonly backfill: BackfillMark | undefined;
  /** How many changes have not reached the database. */
  readonly unmirrored: number;
}

export async function moveFacts(client: GuardedClient, key: string, user: string): Promise<Answer<MoveFacts>> {
  const control = new MoveControl(client, { key });
  try {
    const [record, processes, backfill, unmirrored] = await Promise.all([
      control.read(),
      control.processes(),
      control.readBackfill(),
      control.countUnmirrored(),
    ]);
    return { value: { record, processes, backfill, unmirrored } };
  } catch (error) {
    const text = errorText(error);
    const reason = HoldfastError.is(error) ? error.reason : undefined;
    const isRefused = reason === "no-permission" || /NOPERM/.test(text);
    const isSilent = reason !== undefined;
    if (isRefused) {
      const rules = [`~${client.keyPrefix}${key}*`, ..."+hgetall +get +scard +time".split(" ")];
      const words = "read the state of a migration";
      return { problem: { kind: "refused", command: "hgetall", words, text, user, rules } };
    }
    const words = isSilent ? "Redis did not answer" : "the state of the migration cannot be read";
    return { problem: { kind: isSilent ? "silent" : "failed", command: "hgetall", words, text, user } };
  }
}
