/** `holdfast sessions count`, `list`, `show` and `logins`: these change nothing. */
import type { Device } from "../../auth/index.js";
import type { SessionFilter, SessionSummary } from "../../ops/index.js";
import { isForbidden } from "../../ops/sessions/user-logins.js";
import { visible, visibleJson } from "../../ops/visible.js";
import { exitCodes } from "../failure.js";
import { count as counted, number } from "../words.js";
import type { SessionsContext } from "./context.js";
import { ofNoSession } from "./nothing.js";
import { bytes, heading, plainRow, seconds, shownRow, unknown, type Column } from "./rows.js";
import { notKnownWhose, whatHelps } from "./unreadable.js";

export async function count({ admin, isJson, lines, sayWhyNothing, signal }: SessionsContext): Promise<void> {
  const sessions = await admin.count({ signal });
  if (signal.aborted) return;
  await lines.add(isJson ? visibleJson({ sessions }) : String(sessions));
  if (sessions === 0) await sayWhyNothing();
}

const sessionColumns: Column<SessionSummary>[] = [
  { title: "SESSION", width: 8, shown: ({ session }) => session, plain: ({ session }) => session },
  { title: "USER", width: 28, shown: shownUser, plain: ({ user }) => user },
  { title: "AGE", width: 12, shown: ({ age }) => seconds(age), plain: ({ age }) => age },
  { title: "IDLE", width: 12, shown: ({ idle }) => seconds(idle), plain: ({ idle }) => idle },
  { title: "LIVES FOR", width: 12, shown: ({ ttl }) => seconds(ttl, "forever"), plain: ({ ttl }) => ttl },
  { title: "SIZE", width: 7, shown: ({ size }) => bytes(size), plain: ({ size }) => size },
];

function shownUser({ user, username, isReadable }: SessionSummary): string {
  if (!isReadable) return "(not a session)";
  return user === undefined ? "-" : username === undefined || username === user ? user : `${user} (${username})`;
}

export async function list(context: SessionsContext, { idle, ...filter }: SessionFilter): Promise<void> {
  const { admin, isJson, lines, say, signal } = context;
  if (filter.user !== undefined) await mentionLogins(context, filter.user);
  const line = isJson
    ? (summary: SessionSummary) => visibleJson(inJson(summary))
    : (summary: SessionSummary) => (lines.isTerminal ? shownRow : plainRow)(sessionColumns, summary);
  if (!isJson && lines.isTerminal) await lines.add(heading(sessionColumns));
  let [listed, unreadable, unclear, ofNobody] = [0, 0, 0, 0];
  for await (const summary of admin.list(filter, { signal, onUnreadable: (count) => (ofNobody = count) })) {
    if (idle !== undefined && !(summary.idle !== undefined && summary.idle >= idle)) {
      if (summary.idle === undefined) unclear++;
      continue;
    }
    listed++;
    if (!summary.isReadable) unreadable++;
    const written = lines.add(line(summary));
    if (written) await written;
    if (signal.aborted) break;
  }
  await lines.flush();
  if (lines.gone.aborted) return;
  say(`${counted(listed, "session", "sessions")}${signal.aborted ? " so far" : ""}.`);
  const isNothing = listed + ofNobody + unclear === 0 && !signal.aborted;
  if (isNothing && !(await context.sayWhyNothing()) && filter.user !== undefined) say(ofNoSession);
  if (unreadable > 0) say(`${number(unreadable)} of them cannot be read as a session ${whatHelps}.`);
  if (ofNobody > 0) say(notKnownWhose(ofNobody));
  if (unclear > 0) say(`${counted(unclear, "was", "were")} left out: not known when last in use.`);
}

async function mentionLogins({ admin, say }: SessionsContext, user: string): Promise<void> {
  const logins = await admin.logins(user).catch((error: unknown) => {
    if (!isForbidden(error)) throw error;
    return [];
  });
  if (logins.length > 0)
    say(
      `holdfast/auth lists ${counted(logins.length, "login", "logins")} of this user: ` +
        "see `holdfast sessions logins`.",
    );
}

/** `null` stands for what is not known, and for no expiry. */
function inJson({ session, user, username, age, idle, ttl, size, isReadable }: SessionSummary) {
  const known = { user: user ?? null, username: username ?? null, age: age ?? null, idle: idle ?? null };
  return { session, ...known, ttl: ttl ?? null, size, isReadable };
}

export async function show(context: SessionsContext, hash: string): Promise<number | void> {
  const { admin, isJson, lines, signal } = context;
  const shown = await admin.show(hash, { signal });
  if (!shown) return signal.aborted ? undefined : noSuchSession(context, hash);
  const { hash: whole, layout, data, ...summary } = shown;
  if (isJson) return lines.add(visibleJson({ ...inJson(summary), hash: whole, layout, data: data ?? null }));
  const facts: [name: string, value: string][] = [
    ["session", whole],
    ["user", shownUser(summary)],
    ["age", summary.age === undefined ? unknown : `${seconds(summary.age)} since its login`],
    ["idle", seconds(summary.idle)],
    ["lives for", seconds(summary.ttl, "ever")],
    ["size", `${bytes(summary.size)}, ${layout === "json" ? "a string" : "a hash"}`],
  ];
  for (const [name, value] of facts) await lines.add(`${name.padEnd(10)}${visible(value)}`);
  if (data) await lines.add(visibleJson(data, 2));
}

export async function noSuchSession({ isJson, lines, say }: SessionsContext, hash: string): Promise<number> {
  const message = `There is no session ${visible(hash)}.`;
  if (isJson) await lines.add(visibleJson({ error: { code: "NO_SUCH_SESSION", message } }));
  say(message);
  return exitCodes.refused;
}

const since = (time: number) => Math.max(0, Math.round((Date.now() - time) / 1000));
const loginColumns: Column<Device>[] = [
  { title: "LOGIN", width: 22, shown: ({ id }) => id, plain: ({ id }) => id },
  { title: "AGE", width: 12, shown: (login) => seconds(since(login.since)), plain: (login) => since(login.since) },
  { title: "IDLE", width: 12, shown: ({ seen }) => seconds(since(seen)), plain: ({ seen }) => since(seen) },
  { title: "BROWSER", width: 28, shown: ({ agent }) => agent, plain: ({ agent }) => agent },
  { title: "FROM", width: 24, shown: ({ where }) => where, plain: ({ where }) => where },
];

export async function logins({ admin, isJson, lines, say }: SessionsContext, user: string): Promise<void> {
  const devices = await admin.logins(user);
  if (!isJson && lines.isTerminal && devices.length > 0) await lines.add(heading(loginColumns));
  for (const device of devices) {
    const { id, agent, where, remember } = device;
    const facts = { login: id, age: since(device.since), idle: since(device.seen), agent, where, remember };
    await lines.add(isJson ? visibleJson(facts) : (lines.isTerminal ? shownRow : plainRow)(loginColumns, device));
  }
  await lines.flush();
  say(`${counted(devices.length, "login", "logins")}.`);
}
