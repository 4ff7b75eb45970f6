// A TypeScript app: what it writes must be accepted, and the mistakes marked below must be refused.
import { createServer, type IncomingMessage } from "node:http";
import { RedisStore } from "connect-redis";
import express from "express";
import session from "express-session";
import { createClient } from "redis";
import {
  append,
  connectToRedis,
  HoldfastError,
  max,
  redisSession,
  RedisSessionStore,
  sum,
  type MergeRule,
  type MergeRules,
  type RedisConnection,
  type RedisSessionMiddleware,
  type RedisSessionOptions,
  type RedisSessionStoreOptions,
} from "holdfast";
import {
  localAuth,
  RedisAccounts,
  requireLogin,
  type Account,
  type AccountStore,
  type DevicesEndedEvent,
  type ListedDevice,
  type User,
} from "holdfast/auth";
import { MigratingStore, openSource, type Source, type VerifyResult } from "holdfast/migrate";

declare module "express-session" {
  interface SessionData {
    views: number;
  }
}

const longest: MergeRule = (base, mine, theirs) =>
  String(mine).length > String(theirs).length ? mine : (theirs ?? base);
const merge: MergeRules = { views: sum, lastActivity: max, "cart.*": append, name: longest };
const options: RedisSessionOptions = { secret: ["new", "old"], merge, cookie: { maxAge: 3_600_000 }, ttl: 86_400 };
const sessions: RedisSessionMiddleware<RedisSessionStore> = redisSession(options);
const inMemory: RedisSessionMiddleware<session.MemoryStore> = redisSession({ store: new session.MemoryStore() });

const app = express();
app.use(sessions);
app.get("/", (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  // @ts-expect-error: a number
  req.session.views = "one";
  res.json(req.session.views);
});
createServer((req, res) => inMemory(req, res, () => res.end()));

const connection: RedisConnection = connectToRedis({ url: "redis://127.0.0.1:6379/1" });
const storeOptions: RedisSessionStoreOptions = { client: createClient(), prefix: "sess:" };
app.use(session({ secret: "a", store: new RedisSessionStore(storeOptions) }));

const redis = new RedisSessionStore(storeOptions);
const asTheirs: RedisStore = redis;
app.use(session({ secret: "a", store: asTheirs }));
const moving: session.Store = new MigratingStore({ legacy: new session.MemoryStore(), redis });
app.use(redisSession({ store: moving }));
export const open = (): Promise<Source> => openSource({ url: "postgres://127.0.0.1/shop", table: "session" });
export const isSame = ({ differing }: VerifyResult): boolean => differing === 0;
// @ts-expect-error: nowhere to go
export const nowhere = new MigratingStore({ legacy: moving });

const inOurs: session.MemoryStore = new redisSession.MemoryStore();
const cookie: session.Cookie = new redisSession.Cookie();
export const isSession = (value: unknown): value is session.Session => value instanceof redisSession.Session;
/** As old stores ask for their base class: on what they are given as express-session. */
export abstract class OldStore extends redisSession.Store {
  isStore: boolean = inOurs instanceof redisSession.Store && cookie instanceof redisSession.Cookie;
}
export const old: session.Store[] = [] satisfies OldStore[];
// @ts-expect-error: as in express-session, a base class alone
export const noStore = new redisSession.Store();

const accounts: AccountStore = new RedisAccounts({ client: connection.client });
const auth = localAuth({ client: connection.client, accounts });
const logins = localAuth({ sessions });
export const ownId = async (req: IncomingMessage): Promise<string | undefined> => {
  const device: ListedDevice | undefined = (await logins.devices(req)).find(({ isThis }) => isThis);
  return device?.id;
};
// @ts-expect-error: without accounts nobody can register
export const nobody = logins.register({ username: "Ada", password: "correct horse" });
// @ts-expect-error: neither sessions nor a client
localAuth({ accounts });
auth.events.on("devices-ended", ({ device, at }: DevicesEndedEvent) => [device, at]);
app.use(requireLogin());
export const find = async (id: string): Promise<Account | undefined> => accounts.findById(id);
export const name = (user: User): string => user.username;
export const isOurs = (error: unknown): boolean => HoldfastError.is(error) && error.code === "SESSION_CONTENDED";

// @ts-expect-error: not a number
redisSession({ ttl: "soon" });
// @ts-expect-error: no such option
redisSession({ secrets: "a" });
// @ts-expect-error: no such code
export const isTypo = (error: HoldfastError): boolean => error.code === "SESSION_CONTENTED";

void sessions.ready().then(() => sessions.close());
export { auth };
