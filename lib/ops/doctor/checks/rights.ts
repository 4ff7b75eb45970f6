/** May the app's Redis user do what the app needs, and no more? Pure. */
import type { Answer, Problem } from "../facts/answer.js";
import { skipped, spoken } from "../facts/answer.js";
import type { Facts, NodeFacts } from "../facts/facts.js";
import { bad, ok, warning, type Verdict } from "../finding.js";
import { rulesFor } from "../rights.js";
import { listed } from "../words.js";

export function aclNeeded({ acl: { user, lacking, absent } }: NodeFacts, { uses }: Facts): Verdict {
  const nobody = missingUser(lacking, user);
  if (nobody) return nobody;
  if (lacking.problem) return notTold(lacking.problem);
  if (absent.length > 0)
    return bad(
      `this server does not offer ${listed(
        absent.map((rule) => spoken(rule.slice(1))),
        12,
      )}`,
      `Nobody may run them, so what needs them fails with 503. Looked at, because the app uses it: ${uses.join(", ")}.`,
      "Remove the lines rename-command from redis.conf, or ask whoever runs this server to enable them.",
    );
  if (lacking.value.length === 0) return ok(`the user ${user} may do all that is needed for: ${uses.join(", ")}`);
  return bad(
    `the user ${user} lacks ${listed(lacking.value, 12)}`,
    `What needs them fails with 503 (no-permission). Looked at, because the app uses it: ${uses.join(", ")}.`,
    `ACL SETUSER ${user} ${lacking.value.join(" ")}`,
  );
}

export function aclExcess({ acl: { user, excess } }: NodeFacts, { uses, places }: Facts): Verdict {
  const nobody = missingUser(excess, user);
  if (nobody) return nobody;
  if (excess.problem) return notTold(excess.problem);
  if (excess.value.length === 0) return ok(`the user ${user} may do nothing beyond that`);
  const name = user === "default" ? "holdfast" : user;
  return warning(
    `the user ${user} has rights that sessions do not need: ${listed(excess.value, 12)}`,
    "Whoever takes over the app, or finds its Redis password, can do the same.",
    `ACL SETUSER ${name} reset on >A-LONG-PASSWORD -@all ${rulesFor(uses, places).join(" ")}`,
  );
}

function missingUser({ problem }: Answer<unknown>, user: string): Verdict | undefined {
  if (!problem?.text.startsWith("ERR User")) return undefined;
  return bad(
    `Redis has no user ${user}`,
    "The app cannot log in as this user.",
    "Look at ACL LIST, and create the user as docs/production.md says.",
  );
}

/** The app's own user should not be allowed to ask this; an administrator may. */
function notTold(problem: Problem): Verdict {
  if (problem.kind === "unknown") return { level: "skipped", found: "not checked: ACL DRYRUN needs Redis 7" };
  const verdict = skipped(problem);
  if (problem.kind !== "refused") return verdict;
  return {
    ...verdict,
    remedy: `Run the doctor as an administrator, and name the app's user: holdfast doctor --acl-user ${problem.user}`,
  };
}
