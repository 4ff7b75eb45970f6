/** docs/passport.md: its program, with a provider of OAuth 2 and OpenID Connect. */
import type { RedisClientType } from "redis";
import { redisSession } from "holdfast";
import { sessionAdmin } from "holdfast/ops";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rewrite, secret } from "../support/auth-site.js";
import { credentials, startProvider, type OAuthProvider } from "../support/oauth-provider.js";
import { useRedis } from "../support/servers/use-redis.js";
import { Person, startProgram, type Program } from "../sockets/programs.js";

const redis = useRedis();
let client: RedisClientType;
let provider: OAuthProvider;
let site: Program;

beforeAll(async () => {
  client = await redis.client();
  provider = await startProvider();
  const env = { ...credentials, PROVIDER: provider.url };
  site = await startProgram("sso.mjs", redis.url, { page: "docs/passport.md", env });
});
afterAll(async () => {
  await site?.stop();
  provider?.close();
});
beforeEach(async () => {
  await client.flushDb();
  provider.user = ada;
});

const ada = { sub: "ada-7", name: "Ada" };

/** Follows redirects, to the provider and back; returns the last answer. */
async function visit(person: Person, path: string) {
  let answer = await person.ask(new URL(path, site.url).href);
  let hops = 0;
  while (answer.to !== null && hops++ < 10) {
    const next = new URL(answer.to, site.url);
    if (next.origin === provider.url) {
      const there = await fetch(next, { redirect: "manual" });
      answer = { status: there.status, to: there.headers.get("location"), body: "" };
    } else answer = { ...(await person.ask(next.href)) };
    where = answer.to === null ? next.pathname + next.search : where;
  }
  return answer;
}
/** Where the last visit ended. */
let where = "";

const account = async (person: Person) => {
  const { status, body } = await person.ask(`${site.url}/account`);
  return status === 200 ? JSON.parse(body) : undefined;
};

describe("a login by a provider", () => {
  it("comes back to the page that asked for it, as a login of ours with a new session id", async () => {
    const person = new Person();
    await visit(person, "/account?tab=devices");
    expect(where).toBe("/account?tab=devices");
    expect(await account(person)).toMatchObject({ user: { id: ada.sub, name: "Ada" }, devices: [{ isThis: true }] });
    const asked = provider.asked.at(-1)!;
    expect(Object.fromEntries(asked)).toMatchObject({ code_challenge_method: "S256", response_type: "code" });
    expect(asked.get("state")).toMatch(/^.{16,}$/);
    expect(await client.hLen(`devices:${ada.sub}`)).toBe(2); // the epoch, and this login
  });

  it("what the way to the provider needs is in Redis before the browser leaves, however often one goes", async () => {
    for (let n = 0; n < 30; n++) {
      const person = new Person();
      const { to } = await person.ask(`${site.url}/login?next=/`);
      const state = new URL(to!).searchParams.get("state");
      const [sid] = /s%3A([^.]+)/.exec(person.cookie)!.slice(1);
      const stored = JSON.parse((await client.get(`sess:${sid}`))!);
      expect(JSON.stringify(stored)).toContain(state);
      expect(stored).toMatchObject({ returnTo: "/" });
    }
  });

  it("ends with a logout, with all others from elsewhere, and with its timeouts", async () => {
    const [laptop, phone] = [new Person(), new Person()];
    for (const person of [laptop, phone]) await visit(person, "/login");
    expect((await account(phone)).devices).toHaveLength(2);
    await phone.post(`${site.url}/end-others`);
    expect(await account(laptop)).toBeUndefined();
    expect((await account(phone)).devices).toHaveLength(1);
    await phone.post(`${site.url}/logout`);
    expect(await account(phone)).toBeUndefined();
    await visit(laptop, "/login");
    const [sid] = /s%3A([^.]+)/.exec(laptop.cookie)!.slice(1);
    await rewrite(client, sid!, ({ login }) => void (login.since -= 12 * 3_600_000));
    await rewrite(client, sid!, ({ login }) => void (login.seen -= 3_600_000));
    expect(await account(laptop)).toBeUndefined();
  });

  it("ends at once when the account is removed, as the command or the console does it", async () => {
    const person = new Person();
    await visit(person, "/login");
    const admin = sessionAdmin({ store: redisSession({ client, secret }).store });
    expect(await admin.endUser(ada.sub)).toMatchObject({ logins: true });
    expect(await account(person)).toBeUndefined();
  });
});

describe("a login that fails", () => {
  it.each<[string, (person: Person) => Promise<unknown>]>([
    [
      "because the user refuses",
      (person) => {
        provider.user = undefined;
        return visit(person, "/login");
      },
    ],
    [
      "because the state is not that of this session",
      async (person) => {
        const attacker = new Person();
        const { to } = await attacker.ask(`${site.url}/login`);
        const there = await fetch(to!, { redirect: "manual" });
        await person.ask(`${site.url}/login`);
        return visit(person, there.headers.get("location")!);
      },
    ],
    [
      "because nothing was begun in this browser",
      async (person) => visit(person, "/login/callback?code=stolen&state=stolen"),
    ],
  ])("%s logs nobody in", async (_why, attempt) => {
    const person = new Person();
    await attempt(person);
    expect(where).toBe("/?error=login");
    expect(await account(person)).toBeUndefined();
    expect(await client.keys("devices:*")).toEqual([]);
  });

  it("because the code is used a second time is an error, and logs nobody in", async () => {
    const person = new Person();
    const { to } = await person.ask(`${site.url}/login`);
    const back = (await fetch(to!, { redirect: "manual" })).headers.get("location")!;
    expect((await person.ask(back)).status).toBe(302);
    const again = new Person();
    const second = await again.ask(`${site.url}/login`);
    const state = new URL(second.to!).searchParams.get("state")!;
    const used = new URL(back);
    used.searchParams.set("state", state);
    expect((await again.ask(used.href)).status).toBe(500);
    expect(await account(again)).toBeUndefined();
  });
});
