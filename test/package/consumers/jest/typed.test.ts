import { MemoryStore, redisSession, type RedisSessionMiddleware } from "holdfast";
import { safePath } from "holdfast/auth";

declare module "holdfast" {
  interface HoldfastSession {
    views?: number;
  }
}

test("a typed test loads the package", async () => {
  const sessions: RedisSessionMiddleware<MemoryStore, undefined> = redisSession({
    secret: "a secret of at least 32 characters",
    store: new MemoryStore(),
  });
  expect(safePath("//evil.example", "/")).toBe("/");
  await sessions.close();
});
