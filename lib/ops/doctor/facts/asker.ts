/** Asks Redis with a deadline for each question and one for all of them, so that no server can hold up the doctor. */
import { errorText, HoldfastError } from "../../../errors/index.js";
import { guardClient, type GuardedClient, type RedisClient, type Server } from "../../../redis/index.js";
import { spoken, type Answer, type Problem } from "./answer.js";

export interface AskerOptions {
  /** Milliseconds for each question. */
  readonly commandTimeout: number;
  /** Milliseconds for all questions. */
  readonly timeout: number;
  /** The Redis user who asks, for messages. */
  readonly user: string;
}

/** Commands of which ACL rules name the second word too. */
const withSubcommand = new Set(["acl", "client", "cluster", "config", "memory", "sentinel", "slowlog"]);

export class Asker {
  /** What was not answered in time. */
  readonly silences: { server: Server; problem: Problem }[] = [];
  /** The Redis user who asks, for messages. */
  user: string;
  readonly #client: GuardedClient;
  readonly #commandTimeout: number;
  readonly #endsAt: number;

  constructor(client: RedisClient, { commandTimeout, timeout, user }: AskerOptions) {
    this.#client = guardClient(client);
    this.#commandTimeout = commandTimeout;
    this.#endsAt = performance.now() + timeout;
    this.user = user;
  }

  /** All servers that hold keys. If a cluster does not say, any of its servers is asked, which tells why. Never rejects. */
  servers(): Promise<readonly Server[]> {
    return this.#client
      .withTimeout(this.#commandTimeout)
      .servers()
      .catch(() => [undefined]);
  }

  /** Milliseconds that are left for all questions. */
  get timeLeft(): number {
    return Math.max(0, this.#endsAt - performance.now());
  }

  /** Sends one command to one server. Never rejects. */
  async ask(server: Server, ...args: string[]): Promise<Answer<unknown>> {
    const command = nameOf(args);
    const timeout = Math.min(this.#commandTimeout, this.timeLeft);
    if (timeout <= 0) return { problem: this.#problem(command, "silent", "the time for all checks was over") };
    try {
      return { value: await this.#client.withTimeout(timeout).sendTo(server, spoken(command), args) };
    } catch (error) {
      return { problem: this.#failed(server, command, error) };
    }
  }

  #failed(server: Server, command: string, error: unknown): Problem {
    const reason = HoldfastError.is(error) ? error.reason : undefined;
    const text = errorText(HoldfastError.is(error) ? (error.cause ?? error) : error);
    if (reason === "no-permission" || text.startsWith("NOPERM")) return this.#problem(command, "refused", "", text);
    if (/^ERR unknown (command|subcommand)|^ERR .*not allowed/i.test(text))
      return this.#problem(command, "unknown", "", text);
    // An error reply starts with its kind in capitals; the rest could quote a key.
    const kind = /^[A-Z]{2,}\b/.exec(text)?.[0];
    if (kind !== undefined || reason === undefined || reason === "other")
      return this.#problem(command, "failed", `the answer was an error (${kind ?? "of no known kind"})`, text);
    const words =
      reason === "timeout" ? "no answer in time" : "there is no connection to Redis, or it does not respond";
    const problem = this.#problem(command, "silent", words, text);
    this.silences.push({ server, problem });
    return problem;
  }

  #problem(command: string, kind: Problem["kind"], words: string, text = ""): Problem {
    return { kind, command, words, text, user: this.user };
  }
}

/** `CONFIG GET maxmemory` is `config|get`. */
function nameOf([first = "", second = ""]: readonly string[]): string {
  const name = first.toLowerCase();
  return withSubcommand.has(name) ? `${name}|${second.toLowerCase()}` : name;
}
