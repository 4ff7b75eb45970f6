// What the reference documents claim, what was measured here or computed from that, and why it differs. Pure.
import { growthOf, reasonsOf } from "./reasons.mjs";
import { label, megabytes, milliseconds, number, percent } from "./tables.mjs";

const head = ["claim", "reference", "measured here", "reached", "command"];

/** @param plans what each of `planLines` prints with --json */
export function claims(results, plans) {
  const rows = claimsOf(results, plans).map((one) => [
    one.claim,
    one.reference,
    one.measured,
    typeof one.reached === "string" ? one.reached : one.reached ? "yes" : "no",
    one.command,
  ]);
  return { head, rows };
}

/** The sentences that belong to these results, by the name of their marker. */
export function loadtestSentences(results, plans) {
  return { reasons: reasonsOf(claimsOf(results, plans)).join("\n"), grows: growthOf(results.growth) };
}

function claimsOf({ writes, visitors, logins, database, memory }, plans) {
  return [
    ...ofWrites(writes),
    ...ofVisitors(visitors),
    ...ofDatabase(database),
    ...ofMemory(memory),
    ...ofLogins(logins),
    costs(plans),
  ];
}

function claim(name, reference, measured, reached, scenario) {
  return { claim: name, reference, measured, reached, command: `\`npm run loadtest -- --only=${scenario}\`` };
}

function ofWrites({ rows, machine }) {
  const [two, store, other] = ["Holdfast, 2 processes", "Holdfast, store only", "connect-redis, store only"].map(
    (name) => rows.find((row) => row.name === name),
  );
  return [
    claim(
      "writes a second over HTTP",
      "6,000 wanted, 8,500 reached",
      `${number(two.reached)} of ${number(two.wanted)}, two processes on ${machine.cores} cores beside Redis and the load`,
      two.reached >= two.wanted * 0.99,
      "writes",
    ),
    claim("of them successful", "99.8 %", percent(two.success), two.success >= 0.998, "writes"),
    claim(
      "a write on average",
      "0.8 ms",
      `${milliseconds(store.mean)} at the store, asked for ${number(store.wanted)} a second in one process (${number(store.reached)} reached; connect-redis ${number(other.reached)}, ${milliseconds(other.mean)}), ${milliseconds(two.mean)} the whole page`,
      store.mean <= 0.8,
      "writes",
    ),
  ];
}

/** The reference shows them, and gives no figures. */
function ofVisitors({ rows }) {
  return ["one visitor, 100 pages", "50 visitors at once, 30 pages each"].map((crowd) => {
    const { requests, seconds, failed, lost, p95 } = rows.find((row) => row.crowd === crowd && row.variant === "json");
    const speed = `${number(requests / seconds)} pages a second, p95 ${milliseconds(p95)}`;
    const faults = `${number(failed)} failed, ${number(lost)} updates lost`;
    return claim(crowd, "shown", `${speed}; ${faults}`, failed === 0 && lost === 0, "visitors");
  });
}

function ofDatabase({ rows, reference }) {
  const operation = (what, variant) => rows.find((row) => row.what === what && row.variant === variant);
  const alone = (what) => ({
    theirs: operation(`${what}, one at a time`, reference).mean.median,
    ours: operation(`${what}, one at a time`, "json").mean.median,
  });
  const [lookUp, update] = ["look-up", "update"].map(alone);
  const [lookUps, updates] = ["look-up", "update"].map((what) => operation(what, "json").rate.median);
  return [
    {
      ...claim(
        "look-up of a session",
        "10 – 50 ms in the database, under 1 ms in Redis",
        `${milliseconds(lookUp.theirs)} in PostgreSQL, ${milliseconds(lookUp.ours)} in Redis`,
        lookUp.ours < 1,
        "database",
      ),
      isBeforeOther: lookUp.theirs < 10,
    },
    {
      ...claim(
        "update of a session",
        "5 – 20 ms in the database, under 0.5 ms in Redis",
        `${milliseconds(update.theirs)} in PostgreSQL, ${milliseconds(update.ours)} in Redis (read, change, write)`,
        update.ours < 0.5,
        "database",
      ),
      isBeforeOther: update.theirs < 5,
    },
    claim(
      "operations a second",
      "2,000 in the database, over 100,000 in Redis",
      `from one process of the app: ${number(lookUps)} look-ups, ${number(updates)} updates`,
      lookUps >= 100_000,
      "database",
    ),
  ];
}

function ofMemory(memory) {
  const ours = oursIn(memory);
  const plain = ours.filter(({ variant }) => !variant.includes("compressed"));
  const fits = (each) => each.some(({ fit }) => fit >= 100_000);
  return [
    claim(
      "memory",
      "60 % less than the database",
      memoryAgainstDatabase(memory),
      Math.min(...ours.map(({ bytes }) => bytes)) <= 0.4 * bytesInDatabase(memory),
      "memory",
    ),
    claim(
      "100,000 sessions of 2.5 KB in 256 MB",
      "fit",
      ours.map(({ variant, fit }) => `${label(variant)}: ${number(fit)}`).join("; "),
      fits(plain) || (fits(ours) ? "yes, with `compress`" : false),
      "memory",
    ),
  ];
}

function ofLogins({ rows }) {
  const storm = (name, site) => rows.find((row) => row.storm === name && row.site === site);
  const [fifty, hundred] = ["50 visitors", "100 visitors"].map((name) => storm(name, "Holdfast"));
  const before = storm("50 visitors", "connect-pg-simple");
  const all = rows.filter(({ site }) => site === "Holdfast");
  const most = Math.max(...all.flatMap((row) => row.memory));
  const errors = all.reduce((sum, { serverErrors }) => sum + serverErrors, 0);
  const one = (...facts) => claim(...facts, "logins");
  return [
    one(
      "before: 50 visitors, sessions in the database",
      "half of the logins fail, some take 156 s",
      `${percent(before.loginSuccess)} succeed, the longest takes ${milliseconds(before.login.longest)}`,
      before.loginSuccess < 0.95 ? "yes" : "not reproduced",
    ),
    one("logins of 50 visitors", "over 95 %", percent(fifty.loginSuccess), fifty.loginSuccess > 0.95),
    one("a login, p95", "under 1 s", milliseconds(fifty.login.p95), fifty.login.p95 < 1000),
    one("requests that succeed", "over 99 %", percent(fifty.requestSuccess), fifty.requestSuccess > 0.99),
    one("5xx, or no answer", "none", number(errors), errors === 0),
    one("logins of 100 visitors", "over 95 %", percent(hundred.loginSuccess), hundred.loginSuccess > 0.95),
    one("memory of Redis meanwhile", "under 256 MB", megabytes(most), most < 256 * 2 ** 20),
  ];
}

/** The command lines of which `claims` wants the plans: servers with the memory that is claimed to be enough, and larger ones. */
export const planLines = { claimed: "plan --server-memory 256mib", larger: "plan --server-memory 1gib" };

function costs({ claimed, larger }) {
  const inWords = ({ site, plan }) =>
    `${plan.servers} of ${megabytes(site.serverMemory)} for ${number(plan.monthly)} instead of ${number(plan.before)}: ` +
    `${Number(plan.savingPercent.toFixed(1))} % less`;
  return {
    claim: "cost a month at 6,000 writes a second",
    reference: "10 database servers at 200, 3 Redis servers at 50: 92.5 % less",
    measured: `computed from what was measured: ${inWords(larger)}; ${inWords(claimed)}`,
    reached: [claimed, larger].some(({ plan }) => plan.servers <= 3 && plan.savingPercent >= 92.5),
    command: `\`npx holdfast ${planLines.larger}\``,
  };
}

/** Our rows, with Redis as it is unless it is told otherwise. */
function oursIn({ rows }) {
  return rows.filter(({ variant }) => /^(json|hash)(, compressed)?$/.test(variant));
}

function bytesInDatabase({ rows }) {
  return rows.find(({ variant }) => variant === "connect-pg-simple").bytes;
}

function memoryAgainstDatabase(memory) {
  const inDatabase = bytesInDatabase(memory);
  const shares = oursIn(memory).map(
    ({ variant, bytes }) => `${label(variant)}: ${number((100 * bytes) / inDatabase)} %`,
  );
  return `of the ${number(inDatabase)} bytes on PostgreSQL's disk, in Redis' memory: ${shares.join(", ")}`;
}
