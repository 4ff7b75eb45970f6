/** What Redis said to a question, or why there is no answer. A check that needs it is then skipped. Pure. */
import type { Verdict } from "../finding.js";
import { redisWord } from "../redis-word.js";

export interface Problem {
  /**
   * - `refused`: the Redis user may not ask
   * - `unknown`: this server has no such command, or a service has disabled it
   * - `silent`: no answer in time, or no connection
   * - `failed`: any other error reply
   */
  readonly kind: "refused" | "unknown" | "silent" | "failed";
  /** The command as ACL rules name it: `config|get`. */
  readonly command: string;
  /** Completes "Redis ...", for `silent` and `failed`, and "the user may not ...", for `refused`: never with a key. */
  readonly words: string;
  /** The server's own words; not for the report, because they may quote a key. */
  readonly text: string;
  /** The user who was refused. */
  readonly user: string;
  /** The rules that let this user ask. Default: the command. */
  readonly rules?: readonly string[];
}

export type Answer<T> =
  { readonly value: T; readonly problem?: undefined } | { readonly value?: undefined; readonly problem: Problem };

export function mapAnswer<T, U>(answer: Answer<T>, use: (value: T) => U): Answer<U> {
  return answer.problem ? answer : { value: use(answer.value) };
}

/** The verdict on what Redis said, or that the check was skipped. */
export function judge<T>(answer: Answer<T>, check: (value: T) => Verdict): Verdict {
  return answer.problem ? skipped(answer.problem) : check(answer.value);
}

/** The first answer, or else the second: for what can be asked in two ways. */
export function firstOf<T>(first: Answer<T>, second: Answer<T>): Answer<T> {
  return first.problem ? (second.problem ? first : second) : first;
}

export function skipped({ kind, command, words, user, rules = [`+${command}`] }: Problem): Verdict {
  const name = spoken(command);
  switch (kind) {
    case "refused":
      return {
        level: "skipped",
        found: `not checked: the user ${user} may not ${words || `run ${name}`}`,
        remedy: "Let this user ask.",
        commands: [["ACL SETUSER", user, ...rules.map(redisWord)].join(" ")],
      };
    case "unknown":
      return { level: "skipped", found: `not checked: this server does not offer ${name}` };
    default:
      return { level: "skipped", found: `not checked: ${name}: ${words}` };
  }
}

/** `config|get` as people write it. */
export function spoken(command: string): string {
  return command.replace("|", " ").toUpperCase();
}
