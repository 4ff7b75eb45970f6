// Options as apps write them, which must compile, and combinations of which one excludes the other, which must not.
import { createSecretKey } from "node:crypto";
import { RedisStore } from "connect-redis";
import { createClient, createClientPool, createCluster, createSentinel, type RedisClientType } from "redis";
import {
  connectToRedis,
  MemoryStore,
  redisSession,
  RedisSessionStore,
  sum,
  type RedisConnectionClient,
  type RedisConnectionOptions,
  type RedisLayoutOptions,
  type RedisSessionMiddleware,
  type RedisSessionOptions,
  type RedisSessionOptionsBase,
  type RedisSessionStoreOptions,
  type RedisSessionStoreOptionsBase,
  type Serializer,
  type SessionsWithClient,
} from "holdfast";
import { localAuth, RedisAccounts, type LocalAuthOptions } from "holdfast/auth";

const secret = process.env["SESSION_SECRET"];
const url = process.env["REDIS_URL"];
const client: RedisClientType = createClient({ url: "redis://127.0.0.1" }) as RedisClientType;
const store = new MemoryStore();
const node = { host: "10.0.0.1", port: 6379 };
const sentinel = { name: "mymaster", nodes: [node] };
const cluster = { nodes: [node] };
const tls = { ca: "" };
const serializer: Serializer = { parse: (text) => JSON.parse(text), stringify: (session) => JSON.stringify(session) };
const isLive = process.env["NODE_ENV"] === "production";

// ---- a connection of the middleware's --------------------------------------------------------------------------------

export const byDefault: RedisSessionMiddleware<RedisSessionStore, RedisClientType> = redisSession();
export const byUrl: RedisClientType = redisSession({ url, secret }).client;
redisSession({ url, secret, tls, connectTimeout: 500, commandTimeout: 500, ttl: 60, layout: "hash", nearCache: {} });
redisSession({ url: isLive ? "rediss://redis" : undefined, tls: isLive ? tls : undefined, secret });
export const bySentinel: RedisConnectionClient | undefined = redisSession({ sentinel, secret }).client;
redisSession({ cluster, secret, connectTimeout: 500, touchInterval: 5, firstVisitTtl: 60 });
redisSession(isLive ? { cluster, secret } : { url, secret });
redisSession({ secret, ...(isLive ? { sentinel } : { url }) });
redisSession({ secret, ...(isLive && { layout: "hash" }) });
// @ts-expect-error: two addresses
redisSession({ url, sentinel, secret });
// @ts-expect-error: two addresses
redisSession({ url, cluster, secret });
// @ts-expect-error: two addresses
redisSession({ sentinel, cluster, secret });
// @ts-expect-error: belongs in `sentinel`
redisSession({ sentinel, tls, secret });
// @ts-expect-error: belongs in `cluster`
redisSession({ cluster, tls, secret });

// ---- a client of the app's -------------------------------------------------------------------------------------------

export const byClient: RedisClientType = redisSession({ client, secret, name: "sid", prefix: "shop:" }).client;
redisSession({ client: await createClient({ url: "redis://127.0.0.1" }).connect(), secret });
redisSession({ client: createClientPool(), secret, commandTimeout: 500 });
redisSession({ client: createCluster({ rootNodes: [] }), secret });
redisSession({ client: createSentinel({ name: "a", sentinelRootNodes: [] }), secret });
redisSession({ client: connectToRedis({ url: "redis://127.0.0.1" }).client, secret });
redisSession({ client, store: undefined, url: undefined, secret });
// @ts-expect-error: whose client?
redisSession({ client, url: "redis://127.0.0.1", secret });
// @ts-expect-error: whose client?
redisSession({ client, url, secret });
// @ts-expect-error: the client has one
redisSession({ client, tls, secret });
// @ts-expect-error: whose client?
redisSession({ client, sentinel, secret });
// @ts-expect-error: whose client?
redisSession({ client, cluster, secret });
// @ts-expect-error: the client has one
redisSession({ client, connectTimeout: 500, secret });

// ---- a store of the app's --------------------------------------------------------------------------------------------

export const inMemory: MemoryStore = redisSession({ store, secret, resave: false, whenDown: "anonymous" }).store;
export const noClient: undefined = redisSession({ store, secret }).client;
redisSession({ store: new RedisSessionStore({ client, prefix: "shop:" }), secret });
// @ts-expect-error: two stores
redisSession({ store, client, secret });
// @ts-expect-error: two stores
redisSession({ store, url: "redis://127.0.0.1", secret });
// @ts-expect-error: two stores
redisSession({ store, sentinel, secret });
// @ts-expect-error: two stores
redisSession({ store, cluster, secret });
// @ts-expect-error: the store has one
redisSession({ store, ttl: 60, secret });
// @ts-expect-error: the store has one
redisSession({ store, prefix: "shop:", secret });
// @ts-expect-error: the store has some
redisSession({ store, merge: { views: sum }, secret });
// @ts-expect-error: the store has one
redisSession({ store, commandTimeout: 500, secret });

// ---- how sessions are stored -----------------------------------------------------------------------------------------

const layout = isLive ? "hash" : "json";
redisSession({ client, secret, layout });
redisSession({ client, secret, layout: "json", serializer });
redisSession({ client, secret, layout: "hash", serializer: JSON });
redisSession({ client, secret, compress: true, serializer: JSON });
redisSession({ client, secret, layout: "hash", compress: 1024 });
redisSession({ client, secret, compress: false, serializer });
redisSession({ client, secret, serializer });
redisSession({ client, secret, serializer, encrypt: true });
redisSession({ client, secret, serializer, hashIds: isLive ? "move" : true });
// @ts-expect-error: not a step
redisSession({ client, secret, hashIds: "moving" });
redisSession({ url, secret, layout: "hash", compress: true, encrypt: [Buffer.alloc(32), "as base64"] as const });
redisSession({
  client,
  secret,
  encrypt: { keys: createSecretKey(Buffer.alloc(32)), write: false, onlyEncrypted: isLive },
});
redisSession({ client, secret, encrypt: isLive ? { write: isLive } : undefined });
// @ts-expect-error: the store has its own
redisSession({ store, encrypt: true, secret });
// @ts-expect-error: no key
redisSession({ client, secret, encrypt: 5 });
redisSession({ client, secret, disableTouch: true, ttl: 60 });
redisSession({ client, secret, disableTTL: isLive, disableTouch: isLive });
redisSession({ client, secret, disableTTL: false, firstVisitTtl: 60, touchInterval: 0 });
// @ts-expect-error: only JSON is compressed
redisSession({ client, secret, compress: true, serializer });
// @ts-expect-error: in a hash each field is JSON
redisSession({ client, secret, layout: "hash", serializer });
// @ts-expect-error: in a hash each field is JSON
redisSession({ url, secret, layout, serializer });
// @ts-expect-error: no touch extends the first visit
redisSession({ client, secret, firstVisitTtl: 60, disableTouch: true });
// @ts-expect-error: no touch extends the first visit
redisSession({ url, secret, firstVisitTtl: 60, disableTTL: true });
// @ts-expect-error: there are no touches
redisSession({ client, secret, touchInterval: 60, disableTouch: true });
// @ts-expect-error: there are no touches
redisSession({ client, secret, touchInterval: 60, disableTTL: true });

const storeOf = (given: RedisSessionStoreOptions): RedisSessionStore => new RedisSessionStore(given);
storeOf({ client, layout, prefix: "shop:", scanCount: 50, ttl: () => 60 });
storeOf({ client, serializer });
// As connect-redis' options are written.
const theirs: ConstructorParameters<typeof RedisStore>[0] = { client, ttl: 60, disableTouch: true, disableTTL: true };
storeOf({ client, ttl: 60, disableTouch: true, disableTTL: true });
export const old = new RedisStore(theirs);
// @ts-expect-error: in a hash each field is JSON
storeOf({ client, layout: "hash", serializer });
// @ts-expect-error: no touch extends the first visit
storeOf({ client, firstVisitTtl: 60, disableTTL: true });
// @ts-expect-error: there are no touches
storeOf({ client, touchInterval: 60, disableTouch: true });
// @ts-expect-error: it connects to nothing
storeOf({ url: "redis://127.0.0.1" });

// ---- options with a name ---------------------------------------------------------------------------------------------

const options: RedisSessionOptions = { url, secret, cookie: { maxAge: 60_000 }, merge: { views: sum }, ttl: 60 };
redisSession(options);
const storeOptions: RedisSessionStoreOptions = { client, layout, prefix: "shop:" };
storeOf(storeOptions);
const common = { secret, name: "sid", cookie: { secure: true }, rolling: true };
redisSession({ ...common, url });
redisSession({ ...common, client });
redisSession({ ...common, store });
export const wrapped = (given: RedisSessionOptions): RedisSessionMiddleware => redisSession(given);
export const withOurs = (given: RedisSessionOptionsBase): RedisSessionMiddleware<RedisSessionStore> =>
  redisSession({ ...given, url });
export const stored = (given: RedisSessionStoreOptionsBase & RedisLayoutOptions): RedisSessionStore =>
  new RedisSessionStore({ client, ...given });
export const ofClient = (given: RedisSessionOptionsBase & SessionsWithClient): RedisSessionMiddleware =>
  redisSession({ ...given, secret });
interface ShopOptions extends RedisSessionOptionsBase, RedisSessionStoreOptionsBase {
  shop: string;
}
export const shop = ({ shop: prefix, ...rest }: ShopOptions): RedisSessionMiddleware =>
  redisSession({ ...rest, prefix, url });
class Config {
  sessions: RedisSessionOptions = { secret };
}
redisSession(new Config().sessions);
// @ts-expect-error: whose client?
export const twice: RedisSessionOptions = { client, url: "redis://127.0.0.1", secret };
// @ts-expect-error: two stores
export const both: RedisSessionOptions = { store, client, secret };

// ---- connections -----------------------------------------------------------------------------------------------------

export const single: RedisClientType = connectToRedis({ url, tls, connectTimeout: 500 }).client;
export const fromEnvironment: RedisClientType = connectToRedis().client;
connectToRedis({ sentinel, commandTimeout: 500 });
connectToRedis({ cluster });
const connection: RedisConnectionOptions = isLive ? { cluster } : { url };
connectToRedis(connection);
// @ts-expect-error: two addresses
connectToRedis({ url: "redis://127.0.0.1", sentinel });
// @ts-expect-error: two addresses
connectToRedis({ url: "redis://127.0.0.1", cluster });
// @ts-expect-error: two addresses
connectToRedis({ sentinel, cluster });
// @ts-expect-error: belongs in `cluster`
connectToRedis({ cluster, tls });

// ---- logins ----------------------------------------------------------------------------------------------------------

const accounts = new RedisAccounts({ client });
const throttle = { perPair: { attempts: 10, window: 900 } };
localAuth({ client, accounts, throttle, isCommonPassword: () => false });
localAuth({ client, throttle: false, keeps: ["cart"] });
localAuth({ client, accounts: isLive ? accounts : undefined, throttle });
interface ShopAuthOptions extends LocalAuthOptions {
  shop: string;
}
export const logins = ({ shop: prefix, ...rest }: ShopAuthOptions) =>
  localAuth({ ...rest, prefix, client, accounts: rest.accounts }).logOut;
// @ts-expect-error: no password is checked
localAuth({ client, throttle });
// @ts-expect-error: no password is checked
localAuth({ client, isCommonPassword: () => false });
// @ts-expect-error: nowhere to keep devices
localAuth({ accounts });
