/** Finding, showing and ending sessions. */
import { HoldfastError } from "../../errors/index.js";
import type { Device, SessionAdmin } from "../../ops/index.js";
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
import type { Actions } from "./actions.js";

export interface SessionRoutesDeps {
  readonly app: string;
  readonly prefix: string;
  readonly admin: SessionAdmin;
  readonly actions: Actions;
}

/** False if there is no such page. */
export async function sessionRoutes(visit: Visit, deps: SessionRoutesDeps): Promise<boolean> {
  const { path, req } = visit;
  const isPost = req.method === "POST";
  if (path === "/sessions" && !isPost) return done(list(visit, deps));
  if (path === "/sessions/find" && isPost) return done(find(visit, deps));
  if (path === "/users/end") return done(isPost ? endUser(visit, deps) : confirmUser(visit, deps));
  const [, hash, end] = /^\/sessions\/([\da-f]{8,64})(\/end)?$/.exec(path) ?? [];
  if (hash === undefined) return false;
  if (end !== undefined) return done(isPost ? endSession(visit, deps, hash) : confirmSession(visit, deps, hash));
  return !isPost && done(show(visit, deps, hash));
}

const done = (work: Promise<void>) => work.then(() => true);

async function list(visit: Visit, { app, admin }: SessionRoutesDeps): Promise<void> {
  const search = searchIn(visit.query);
  const note = noteIn(visit.query);
  const logins = search.user === undefined ? undefined : await loginsOf(admin, search.user);
  await streamList(visit, admin, search, listPage({ visit, app, search, logins, note }));
}

/** A user whose id `holdfast/auth` would not take has no logins there. */
async function loginsOf(admin: SessionAdmin, user: string): Promise<Device[]> {
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
  return `${count(Number(ended), "session")} ended.`;
}

async function find(visit: Visit, { app, prefix }: SessionRoutesDeps): Promise<void> {
  const field = await formOf(visit.req);
  const place = placeOf({ by: field("by"), text: field("text"), prefix });
  if (place !== undefined) return redirect(visit.res, visit.root + place);
  const sentence = "A hash is 8 to 64 of the digits 0 to 9 and a to f, as in the list and in messages.";
  sendPage(visit.res, 422, <Notice visit={visit} app={app} title="That is no hash" sentence={sentence} />);
}

async function show(visit: Visit, { app, admin }: SessionRoutesDeps, hash: string): Promise<void> {
  const shown = await admin.show(hash, { signal: visit.gone });
  if (!shown) return noSuchSession(visit, app);
  sendPage(visit.res, 200, <SessionPage visit={visit} app={app} shown={shown} />);
}

async function confirmSession(visit: Visit, { app, admin }: SessionRoutesDeps, hash: string): Promise<void> {
  const shown = await admin.show(hash, { signal: visit.gone });
  if (!shown) return noSuchSession(visit, app);
  const consequence =
    shown.user === undefined
      ? "The visitor starts with an empty session at the next page."
      : `User ${shown.user} is logged out on this device at the next page.`;
  const question = `End session ${shown.session}?`;
  const page = { visit, app, question, consequence, confirm: "End it", back: `../${hash}` };
  sendPage(visit.res, 200, <ConfirmPage {...page} />);
}

async function endSession(visit: Visit, { actions }: SessionRoutesDeps, hash: string): Promise<void> {
  const isEnded = await actions.endSession(visit.operator, hash);
  redirect(visit.res, `${visit.root}sessions?${isEnded ? "ended=1" : "ended=0&gone"}`);
}

async function confirmUser(visit: Visit, { app }: SessionRoutesDeps): Promise<void> {
  const user = visit.query.get("user") ?? "";
  if (user === "") return redirect(visit.res, `${visit.root}sessions`);
  const question = `End all sessions of user ${user}?`;
  const consequence = "They are logged out on all their devices at the next page.";
  const back = `${visit.root}sessions?${new URLSearchParams({ user })}`;
  const page = { visit, app, question, consequence, confirm: "End them all", back, fields: { user } };
  sendPage(visit.res, 200, <ConfirmPage {...page} />);
}

async function endUser(visit: Visit, { actions }: SessionRoutesDeps): Promise<void> {
  const field = await formOf(visit.req);
  const user = field("user");
  if (user === "") return redirect(visit.res, `${visit.root}sessions`);
  const sessions = await actions.endUser(visit.operator, user);
  redirect(visit.res, `${visit.root}sessions?${new URLSearchParams({ user, ended: String(sessions) })}`);
}

function noSuchSession(visit: Visit, app: string): void {
  const sentence = "It has expired or was ended, or the hash was mistyped.";
  sendPage(visit.res, 404, <Notice visit={visit} app={app} title="There is no such session" sentence={sentence} />);
}
