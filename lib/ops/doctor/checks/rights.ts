/** May the app's Redis user do what the app needs, and no more? Pure. */
import type { Answer, Problem } from "../facts/answer.js";
import { skipped, spoken } from "../facts/answer.js";
import type { Facts, NodeFacts } from "../facts/facts.js";
import { bad, ok, warning, type Verdict } from "../finding.js";
import { rulesFor } from "../rights.js";
import { userChange } from "../remedies.js";
import { listed } from "../words.js";

export function aclNeeded(node: NodeFacts, { uses }: Facts): Verdict {
  const { user, lacking, absent } = node.acl;
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
    userChange(node, user, lacking.value, "Grant it."),
  );
}

export function aclExcess(node: NodeFacts, { uses, places }: Facts): Verdict {
  const { user, excess } = node.acl;
  const nobody = missingUser(excess, user);
  if (nobody) return nobody;
  if (excess.problem) return notTold(excess.problem);
  if (excess.value.length === 0) return ok(`the user ${user} may do nothing beyond that`);
  const rules = ["-@all", "resetkeys", "resetchannels", "clearselectors", ...rulesFor(uses, places)];
  const enough = `These rights are for: ${uses.join(", ")}. Name first, with --uses, what else the app uses.`;
  return warning(
    `the user ${user} has rights that sessions do not need: ${listed(excess.value, 12)}`,
    "Whoever takes over the app, or finds its Redis password, can do the same.",
    user === "default"
      ? userChange(
          node,
          "holdfast",
          rules,
          `If the app has a user of its own, name it with --acl-user. Else create one, give it a password (docs/production.md), and let the app log in as this user. ${enough}`,
        )
      : userChange(node, user, rules, `Take them away. ${enough}`),
  );
}

function missingUser({ problem }: Answer<unknown>, user: string): Verdict | undefined {
  if (!problem?.text.startsWith("ERR User")) return undefined;
  return bad(
    `Redis has no user ${user}`,
    "The app cannot log in as this user.",
    "Look for a typing mistake, or create the user: docs/production.md, the Redis user.",
  );
}

/** The app's own user should not be allowed to ask this; an administrator may. */
function notTold(problem: Problem): Verdict {
  if (problem.kind === "unknown") return { level: "skipped", found: "not checked: ACL DRYRUN needs Redis 7" };
  const { level, found, ...rest } = skipped(problem);
  if (problem.kind !== "refused") return { level, found, ...rest };
  return { level, found, remedy: `Log in as an administrator, and name the app's user: --acl-user ${problem.user}.` };
}
