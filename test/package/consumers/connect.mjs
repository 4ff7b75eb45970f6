import framework from "connect";
import { redisSession } from "holdfast";
import { secret, tryPromises } from "./checks/promises.cjs";

await tryPromises((url, page) => {
  const sessions = redisSession({ url, secret });
  const app = framework();
  app.use(sessions);
  app.use(page);
  return { app, sessions };
});
