// What the reference documents claim, and what was measured here, or computed from that. Pure.
import { label, megabytes, milliseconds, number, percent } from "./tables.mjs";

const command = (name) => `\`npm run loadtest -- --only=${name}\``;

/**
 * A table: claim, reference, ours, whether ours reaches it, command.
 *
 * @param plans what each of `planLines` prints with --json
 */
export function claims({ writes, logins, database, memory }, plans) {
  const at = (name) => writes.rows.find((row) => row.name === name);
  const two = at("Holdfast, 2 processes");
  const store = at("Holdfast, store only");
  const operation = (what, variant) => database.rows.find((row) => row.what === what && row.variant === variant);
  const [lookUp, update] = ["look-up, one at a time", "update, one at a time"].map((what) => ({
    database: operation(what, database.reference),
    ours: operation(what, "json"),
  }));
  const [before, after] = ["look-up", "update"].map((what) => operation(what, "json"));
  const storm = (name) => logins.rows.find((row) => row.storm === name && row.site === "Holdfast");
  const [fifty, hundred] = [storm("50 visitors"), storm("100 visitors")];
  const most = Math.max(...logins.rows.filter(({ site }) => site === "Holdfast").flatMap((row) => row.memory));
  const fits = oursIn(memory);
  const rows = [
    row(
      "writes a second over HTTP",
      "6,000 wanted, 8,500 reached",
      `${number(two.reached)} of ${number(two.wanted)}, two processes on ${writes.machine.cores} cores beside Redis and the load`,
      two.reached >= two.wanted * 0.99,
      "writes",
    ),
    row("of them successful", "99.8 %", percent(two.success), two.success >= 0.998, "writes"),
    row(
      "a write on average",
      "0.8 ms",
      `${milliseconds(store.mean)} at the store at ${number(store.wanted)} a second, ${milliseconds(two.mean)} the whole page`,
      store.mean <= 0.8,
      "writes",
    ),
    row(
      "look-up of a session",
      "10 – 50 ms in the database, under 1 ms in Redis",
      `${milliseconds(lookUp.database.mean.median)} in PostgreSQL, ${milliseconds(lookUp.ours.mean.median)} in Redis`,
      lookUp.ours.mean.median < 1,
      "database",
    ),
    row(
      "update of a session",
      "5 – 20 ms in the database, under 0.5 ms in Redis",
      `${milliseconds(update.database.mean.median)} in PostgreSQL, ${milliseconds(update.ours.mean.median)} in Redis (read, change, write)`,
      update.ours.mean.median < 0.5,
      "database",
    ),
    row(
      "operations a second",
      "2,000 in the database, over 100,000 in Redis",
      `from one process of the app: ${number(before.rate.median)} look-ups, ${number(after.rate.median)} updates`,
      before.rate.median >= 100_000,
      "database",
    ),
    row(
      "memory",
      "60 % less than the database",
      memoryAgainstDatabase(memory),
      Math.min(...fits.map(({ bytes }) => bytes)) <= 0.4 * bytesInDatabase(memory),
      "memory",
    ),
    row(
      "100,000 sessions of 2.5 KB in 256 MB",
      "fit",
      fits.map(({ variant, fit }) => `${label(variant)}: ${number(fit)}`).join("; "),
      fits.some(({ fit }) => fit >= 100_000),
      "memory",
    ),
    row("logins of 50 visitors", "over 95 %", percent(fifty.loginSuccess), fifty.loginSuccess > 0.95, "logins"),
    row("a login, p95", "under 1 s", milliseconds(fifty.login.p95), fifty.login.p95 < 1000, "logins"),
    row("requests that succeed", "over 99 %", percent(fifty.requestSuccess), fifty.requestSuccess > 0.99, "logins"),
    row("logins of 100 visitors", "over 95 %", percent(hundred.loginSuccess), hundred.loginSuccess > 0.95, "logins"),
    row("memory of Redis meanwhile", "under 256 MB", megabytes(most), most < 256 * 2 ** 20, "logins"),
    costs(plans),
  ];
  return { head: ["claim", "reference", "measured here", "reached", "command"], rows };
}

function row(claim, reference, measured, isReached, scenario) {
  return [claim, reference, measured, isReached ? "yes" : "no", command(scenario)];
}

/** The command lines of which `claims` wants the plans: servers with the memory that is claimed to be enough, and larger ones. */
export const planLines = { claimed: "plan --server-memory 256mib", larger: "plan --server-memory 1gib" };

function costs({ claimed, larger }) {
  const inWords = ({ site, plan }) =>
    `${plan.servers} of ${megabytes(site.serverMemory)} for ${number(plan.monthly)} instead of ${number(plan.before)}: ` +
    `${Number(plan.savingPercent.toFixed(1))} % less`;
  const isReached = [claimed, larger].some(({ plan }) => plan.servers <= 3 && plan.savingPercent >= 92.5);
  return [
    "cost a month at 6,000 writes a second",
    "10 database servers at 200, 3 Redis servers at 50: 92.5 % less",
    `computed from what was measured: ${inWords(larger)}; ${inWords(claimed)}`,
    isReached ? "yes" : "no",
    `\`npx holdfast ${planLines.larger}\``,
  ];
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
