/** A login that continues under a new session id, because its user ends the others, while it is ended itself. */
import type { User } from "holdfast/auth";
import { agent } from "supertest";
import { describe, expect, it } from "vitest";
import { useRedis } from "../support/servers/use-redis.js";
import { AccountsInMemory } from "../support/accounts-in-memory.js";
import { authSite, type AuthSite } from "../support/auth-site.js";
import { Meeting } from "../support/web-site.js";

const redis = useRedis();
const ada = { username: "Ada", password: "correct horse" };
const bob = { username: "Bob", password: "correct horse" };
const better = "better horse";

async function site(accounts = new AccountsInMemory()): Promise<AuthSite> {
  const client = await redis.client();
  await client.flushAll();
  return authSite({ redis: client, accounts });
}

/** What continues a login under a new session id. */
const continuing = {
  endOtherDevices: ({ auth }: AuthSite, req: never) => auth.endOtherDevices(req),
  changePassword: ({ auth }: AuthSite, req: never) => auth.changePassword(req, { current: ada.password, next: better }),
};

/** What ends it. */
const ending = {
  "a logout": ({ auth }: AuthSite, req: never) => auth.logOut(req),
  "passport's logout": (_made: AuthSite, req: { logOut(done: (error?: unknown) => void): void }) =>
    new Promise<void>((resolve, reject) => req.logOut((error) => (error ? reject(error as Error) : resolve()))),
  "a new login of the same user": ({ auth }: AuthSite, req: { user: User }) => auth.begin(req as never, req.user),
  "a login of another user": ({ auth }: AuthSite, req: never) => auth.logIn(req, bob),
};

describe.each(Object.entries(continuing))("two requests of one login overlap, of which one is %s", (_name, goOn) => {
  it.each(
    Object.entries(ending).flatMap(([name, end]) => [
      { name, end, isFirst: true },
      { name, end, isFirst: false },
    ]),
  )("and the other one $name, which comes first ($isFirst): the login is over", async ({ end, isFirst }) => {
    const made = await site();
    const both = new Meeting(2);
    let isOver!: () => void;
    const first = new Promise<void>((resolve) => (isOver = resolve));
    const route = (act: (made: AuthSite, req: never) => unknown, waits: boolean) => async (req: any, res: any) => {
      await both.arrive();
      if (waits) await first;
      await act(made, req as never);
      isOver();
      res.end();
    };
    made.app.post("/go-on", route(goOn, isFirst));
    made.app.post("/end", route(end as never, !isFirst));
    await made.visitor().post("/api/register").send(bob);
    const visitor = made.visitor();
    await visitor.post("/api/register").send(ada);
    const cookie = cookieOf(await visitor.post("/api/login").send(ada));
    const send = (path: string) => agent(made.app).post(path).set("Cookie", cookie).send({});
    const [continued] = await Promise.all([send("/go-on"), send("/end")]);

    for (const held of [cookie, cookieOf(continued)]) {
      const { body } = await agent(made.app).get("/me").set("Cookie", held);
      expect(body.user).toBeNull();
    }
  });
});

it("a login with the old password does not survive its change, even if it ends the login that changes it", async () => {
  const accounts = new AccountsInMemory();
  const made = await site(accounts);
  const visitor = made.visitor();
  await visitor.post("/api/register").send(ada);
  const thief = made.visitor();
  const change = accounts.changePassword.bind(accounts);
  accounts.changePassword = async (...args) => {
    await thief.post("/api/login").send(ada);
    const isChanged = await change(...args);
    expect((await thief.post("/api/end-others").send({})).body).toEqual({ ok: true });
    return isChanged;
  };
  const changed = await visitor.post("/api/password").send({ current: ada.password, password: better });
  expect(changed.body).toEqual({ ok: true });
  expect((await thief.get("/me")).body.user).toBeNull();
});

function cookieOf(answer: { headers: Record<string, any> }): string {
  const lines: string[] = answer.headers["set-cookie"] ?? [];
  return lines.map((line) => line.split(";")[0]).join("; ");
}
