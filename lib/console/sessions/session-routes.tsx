/** Finding, showing and ending sessions. */
import { HoldfastError } from "../../errors/index.js";
import type { Device } from "../../ops/index.js";
import type { OperatorAdmin } from "../../ops/sessions/session-admin.js";
import { formOf } from "../http/body.js";
import { redirect, sendPage } from "../http/answer.js";
import type { Visit } from "../http/visit.js";
import { count } from "../views/amounts.js";
import { ConfirmPage } from "../views/confirm-page.js";
import { Notice } from "../views/layout.js";
import { listPage } from "./list-page.js";
import { placeOf, searchIn } from "./search.js";
import { SessionPage } from "./session-page.js";
import { streamList } from "./stream-list.js";
import { UserName, userWords } from "./user-name.js";
import type { Actions } from "./actions.js";

export interface SessionRoutesDeps {
  readonly app: string;
  readonly prefix: string;
  readonly admin: OperatorAdmin;
  readonly actions: Actions;
}

/** False if there is no such page. */
export async function sessionRoutes(visit: Visit, deps: SessionRoutesDeps): Promise<boolean> {
  const { path, req } = visit;
  const isPost = req.method === "POST";
  if (path === "/sessions" && !isPost) return done(list(visit, deps));
  if (path === "/sessions/find" && isPost) return done(find(visit, deps));
  if (path === "/sessions/narrow" && isPost) return done(narrow(visit));
  if (path === "/users/end") return done(isPost ? endUser(visit, deps) : confirmUser(visit, deps));
  const [, hash, end] = /^\/sessions\/([\da-f]{8,64})(\/end)?$/.exec(path) ?? [];
  if (hash === undefined) return false;
  if (end !== undefined) return done(isPost ? endSession(visit, deps, hash) : confirmSession(visit, deps, hash));
  return !isPost && done(show(visit, deps, hash));
}

/** Of a session's values; more would take a browser seconds to show. */
const mostCharacters = 64_000;

const done = (work: Promise<void>) => work.then(() => true);

async function list(visit: Visit, { app, admin }: SessionRoutesDeps): Promise<void> {
  const search = searchIn(visit.query);
  const note = noteIn(visit.query);
  const logins = search.user === undefined ? undefined : await loginsOf(admin, search.user);
  await streamList(visit, admin, search, listPage({ visit, app, search, logins, note }));
}

/** A user whose id `holdfast/auth` would not take has no logins there. */
async function loginsOf(admin: OperatorAdmin, user: string): Promise<Device[]> {
  return admin.logins(user).catch((error: unknown) => {
    if (HoldfastError.is(error) && error.status === 503) throw error;
    return [];
  });
}

/** What an action before this page has done. */
function noteIn(query: URLSearchParams): string | undefined {
  const ended = query.get("ended");
  if (ended === null || !/^\d{1,9}$/.test(ended)) return undefined;
  if (query.has("gone")) return "This session had ended already.";
  if (!query.has("logins"))
    return ended === "0" ? "There was no session to end." : `${count(Number(ended), "session")} ended.`;
  return ended === "0" ? "All logins of this user ended." : `${count(Number(ended), "session")} ended, and all logins.`;
}

async function find(visit: Visit, { app, prefix }: SessionRoutesDeps): Promise<void> {
  const field = await formOf(visit.req);
  const place = placeOf({ by: field("by"), text: field("text"), prefix });
  if (place !== undefined) return redirect(visit.res, visit.root + place);
  const [title, sentence] =
    field("by") === "hash"
      ? ["That is no hash", "A hash is 8 to 64 of the digits 0 to 9 and a to f, as in the list and in messages."]
      : ["There is nothing to look for", "Type the id of a user, a hash, or a key in Redis."];
  sendPage(visit.res, 422, <Notice visit={visit} app={app} page="sessions" title={title} sentence={sentence} />);
}

/** Of the sessions in the list, those to which more applies. The user is in the address, since a form would change some names. */
async function narrow({ req, res, query, root }: Visit): Promise<void> {
  const field = await formOf(req);
  const chosen = Object.entries({ user: query.get("user") ?? "", idle: field("idle"), larger: field("larger") });
  redirect(res, `${root}sessions?${new URLSearchParams(chosen.filter(([, text]) => text !== ""))}`);
}

async function show(visit: Visit, { app, admin, prefix }: SessionRoutesDeps, hash: string): Promise<void> {
  const seen = await admin.look(hash, mostCharacters, { signal: visit.gone });
  if (!seen) return noSuchSession(visit, app);
  sendPage(visit.res, 200, <SessionPage visit={visit} app={app} prefix={prefix} seen={seen} />);
}

async function confirmSession(visit: Visit, { app, admin }: SessionRoutesDeps, hash: string): Promise<void> {
  const seen = await admin.look(hash, 0, { signal: visit.gone });
  if (!seen) return noSuchSession(visit, app);
  const { user, username, session } = seen;
  const consequence =
    user === undefined ? (
      "The visitor starts with an empty session at the next page."
    ) : (
      <>
        User <UserName user={user} username={username} /> is logged out on this device at the next page.
      </>
    );
  const page = { title: `End session ${session}?`, consequence, confirm: "End it", back: `../${hash}` };
  sendPage(visit.res, 200, <ConfirmPage visit={visit} app={app} {...page} />);
}

async function endSession(visit: Visit, { actions }: SessionRoutesDeps, hash: string): Promise<void> {
  const isEnded = await actions.endSession(visit.operator, hash);
  redirect(visit.res, `${visit.root}sessions?${isEnded ? "ended=1" : "ended=0&gone"}`);
}

async function confirmUser(visit: Visit, { app }: SessionRoutesDeps): Promise<void> {
  const user = visit.query.get("user") ?? "";
  if (user === "") return redirect(visit.res, `${visit.root}sessions`);
  const query = new URLSearchParams({ user });
  const question = (
    <>
      End all sessions of user <UserName user={user} />?
    </>
  );
  const page = {
    title: `End all sessions of user ${userWords(user)}?`,
    question,
    consequence: "They are logged out on all their devices at the next page.",
    confirm: "End them all",
    back: `${visit.root}sessions?${query}`,
    action: `end?${query}`, // a form would change some characters
  };
  sendPage(visit.res, 200, <ConfirmPage visit={visit} app={app} {...page} />);
}

async function endUser(visit: Visit, { actions }: SessionRoutesDeps): Promise<void> {
  const user = visit.query.get("user") ?? "";
  if (user === "") return redirect(visit.res, `${visit.root}sessions`);
  const { sessions, logins } = await actions.endUser(visit.operator, user);
  const outcome = { user, ended: String(sessions), ...(logins && { logins: "" }) };
  redirect(visit.res, `${visit.root}sessions?${new URLSearchParams(outcome)}`);
}

function noSuchSession(visit: Visit, app: string): void {
  const sentence = "It has expired or was ended, or the hash was mistyped.";
  sendPage(
    visit.res,
    404,
    <Notice visit={visit} app={app} page="sessions" title="There is no such session" sentence={sentence} />,
  );
}
