/** What comes next, from wherever the move stands. Pure. */
import { isVerified, living, type Standing } from "./standing.js";

export interface NextStep {
  readonly why: string;
  /** As `set 10`; undefined where it is not the command's business. */
  readonly step?: string;
}

/** Where the dial usually halts on its way. */
const halts = [10, 50, 100];

export function nextSteps(standing: Standing): NextStep[] {
  const { phase, dial, other, doubt, verified, backfilled } = standing;
  if (phase === "off") return beforeTheStart(standing);
  if (phase === "finished") {
    const why = "Give the app its RedisSessionStore alone and deploy it; then the table can go.";
    return [{ why }, { why: "Until it goes, this brings everybody back to it:", step: "rollback" }];
  }
  if (doubt !== undefined)
    return [{ why: "Find out what the two stores disagree on, and set it right:", step: "verify --repair" }];
  if (backfilled !== undefined) return [{ why: "Go on with the backfill, which was interrupted:", step: "backfill" }];
  if (verified === undefined || (dial === 0 && other === undefined && !isVerified(standing)))
    return [
      { why: "Copy the sessions that are there already (again does no harm):", step: "backfill" },
      { why: "then compare the two stores:", step: "verify" },
    ];
  if (other !== undefined)
    return [
      { why: `Turn the dial to ${dial}:`, step: `set ${dial}` },
      { why: `or to ${other}:`, step: `set ${other}` },
    ];
  if (dial === 100)
    return isVerified(standing)
      ? [{ why: "When it has gone well for as long as you like, leave the database:", step: "finish" }]
      : [{ why: "Compare the two stores:", step: "verify" }];
  return [{ why: "Let Redis answer for more of the sessions:", step: `set ${halts.find((halt) => halt > dial)}` }];
}

function beforeTheStart(standing: Standing): NextStep[] {
  const start = { why: "Begin to write both stores:", step: "start" };
  if (living(standing).length > 0) return [start];
  return [{ why: "Deploy the app with `store: new MigratingStore({ legacy, redis })`; see docs/migration.md." }, start];
}
