import { redisSession } from "holdfast";
import { onBareHttp } from "../checks/on-bare-http.cjs";
import { secret, tryPromises } from "../checks/promises.cjs";

void tryPromises((url, page) => {
  const sessions = redisSession({ url, secret });
  return { app: onBareHttp(sessions, page), sessions };
});
