/** What the app's Redis user may do, as Redis itself judges it (ACL DRYRUN): nothing is run. */
import { excessTrials, trialsFor, type Feature, type KeyPlaces, type Trial } from "../rights.js";
import { mapAnswer, type Answer, type Problem } from "./answer.js";
import type { Server } from "../../../redis/index.js";
import type { Asker } from "./asker.js";
import { listOf, mapOf } from "./replies.js";

export interface AclFacts {
  /** The user whose rights are checked. */
  readonly user: string;
  /** Whether anyone may log in as `default` without a password. */
  readonly isOpen: Answer<boolean>;
  /** The rules that the user lacks. */
  readonly lacking: Answer<readonly string[]>;
  /** Commands that are needed, and that this server does not have: renamed, or disabled by whoever runs it. */
  readonly absent: readonly string[];
  /** What the user may do and needs not. */
  readonly excess: Answer<readonly string[]>;
}

export interface AclQuestion {
  readonly user: string;
  readonly uses: readonly Feature[];
  readonly places: KeyPlaces;
}

export async function aclFacts(asker: Asker, server: Server, { user, uses, places }: AclQuestion): Promise<AclFacts> {
  const [openness, needed, excess] = await Promise.all([
    asker.ask(server, "ACL", "GETUSER", "default"),
    tried(asker, server, user, trialsFor(uses, places)),
    tried(asker, server, user, excessTrials),
  ]);
  const isOpen = openness.problem ? openness : { value: isOpenUser(openness.value) };
  return {
    user,
    isOpen,
    lacking: mapAnswer(needed, ({ refused }) => refused),
    absent: needed.value?.absent ?? [],
    excess: mapAnswer(excess, ({ permitted }) => permitted), // what the server does not have cannot be misused
  };
}

/** The name of the user who is connected; `known` if Redis does not tell. */
export async function whoAmI(asker: Asker, server: Server, known: string): Promise<string> {
  const answer = await asker.ask(server, "ACL", "WHOAMI");
  return answer.problem ? known : String(answer.value);
}

/** The rules of the trials, by what Redis says about each. */
interface Tried {
  readonly permitted: readonly string[];
  readonly refused: readonly string[];
  readonly absent: readonly string[];
}

async function tried(asker: Asker, server: Server, user: string, trials: readonly Trial[]): Promise<Answer<Tried>> {
  const answers = await Promise.all(
    trials.map(async ({ rule, args }) => ({ rule, answer: await asker.ask(server, "ACL", "DRYRUN", user, ...args) })),
  );
  const rules: Record<keyof Tried, string[]> = { permitted: [], refused: [], absent: [] };
  let problem: Problem | undefined;
  for (const { rule, answer } of answers) {
    if (!answer.problem) rules[String(answer.value) === "OK" ? "permitted" : "refused"].push(rule);
    else if (/^ERR User .* not found/.test(answer.problem.text))
      return { problem: { ...answer.problem, words: `there is no user ${user}` } };
    else if (/^ERR Command .* not found/i.test(answer.problem.text)) rules.absent.push(rule);
    else if (answer.problem.kind !== "failed") problem ??= answer.problem;
  }
  return problem ? { problem } : { value: rules };
}

function isOpenUser(reply: unknown): boolean {
  const flags = listOf(mapOf(reply)["flags"]);
  return flags.includes("on") && flags.includes("nopass");
}
