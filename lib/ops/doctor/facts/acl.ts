/** What the app's Redis user may do, as Redis itself judges it (ACL DRYRUN): nothing is run. */
import { excessTrials, trialsFor, type Feature, type KeyPlaces, type Trial } from "../rights.js";
import type { Answer, Problem } from "./answer.js";
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
  /** What the user may do and needs not. */
  readonly excess: Answer<readonly string[]>;
}

export interface AclQuestion {
  readonly user: string;
  readonly uses: readonly Feature[];
  readonly places: KeyPlaces;
}

export async function aclFacts(asker: Asker, server: Server, { user, uses, places }: AclQuestion): Promise<AclFacts> {
  const [openness, lacking, excess] = await Promise.all([
    asker.ask(server, "ACL", "GETUSER", "default"),
    rulesThat(asker, server, user, trialsFor(uses, places), false),
    rulesThat(asker, server, user, excessTrials, true),
  ]);
  const isOpen = openness.problem ? openness : { value: isOpenUser(openness.value) };
  return { user, isOpen, lacking, excess };
}

/** The name of the user who is connected; `known` if Redis does not tell. */
export async function whoAmI(asker: Asker, server: Server, known: string): Promise<string> {
  const answer = await asker.ask(server, "ACL", "WHOAMI");
  return answer.problem ? known : String(answer.value);
}

/** The rules of the trials that are permitted, or that are not. */
async function rulesThat(
  asker: Asker,
  server: Server,
  user: string,
  trials: readonly Trial[],
  permitted: boolean,
): Promise<Answer<string[]>> {
  const answers = await Promise.all(
    trials.map(async ({ rule, args }) => ({ rule, answer: await asker.ask(server, "ACL", "DRYRUN", user, ...args) })),
  );
  const rules: string[] = [];
  let problem: Problem | undefined;
  for (const { rule, answer } of answers) {
    if (!answer.problem) {
      if ((String(answer.value) === "OK") === permitted) rules.push(rule);
    } else if (/^ERR User .* not found/.test(answer.problem.text)) {
      return { problem: { ...answer.problem, words: `there is no user ${user}` } };
    } else if (answer.problem.kind !== "failed") problem ??= answer.problem;
    // A command that this server does not have can be neither needed nor misused.
  }
  return problem ? { problem } : { value: rules };
}

function isOpenUser(reply: unknown): boolean {
  const flags = listOf(mapOf(reply)["flags"]);
  return flags.includes("on") && flags.includes("nopass");
}
