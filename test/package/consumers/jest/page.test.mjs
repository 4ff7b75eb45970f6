import { createServer } from "node:http";
import { HoldfastError, MemoryStore, redisSession } from "holdfast";
import { commonPasswords, hashPassword, verifyPassword } from "holdfast/auth";
import { openSource } from "holdfast/migrate";

const secret = "a secret of at least 32 characters";

test("a page keeps a session", async () => {
  const sessions = redisSession({ secret, store: new MemoryStore() });
  const server = createServer((req, res) =>
    sessions(req, res, () => {
      req.session.views = (req.session.views ?? 0) + 1;
      res.end(String(req.session.views));
    }),
  );
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const cookie = (await fetch(url)).headers.get("set-cookie").split(";")[0];
  const second = await fetch(url, { headers: { cookie } });
  expect(await second.text()).toBe("2");
  server.close();
  server.closeAllConnections();
  await sessions.close();
});

test("Redis is reached where there is one", async () => {
  const sessions = redisSession({ secret });
  await sessions.ready();
  await sessions.close();
});

test("an error is one of the class that is exported", () => {
  expect(() => redisSession({ secret, unset: "?" })).toThrow(HoldfastError);
});

test("passwords are hashed, and a list of common ones is loaded", async () => {
  expect(await verifyPassword(await hashPassword("correct horse"), "correct horse")).toBe(true);
  expect(await commonPasswords()("password1")).toBe(true);
});

test("a driver that is missing is named", async () => {
  await expect(openSource({ url: "postgres://127.0.0.1:1/shop" })).rejects.toThrow("is not installed");
});
