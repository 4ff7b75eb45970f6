const { redisSession } = require("holdfast");
const { onBareHttp } = require("./checks/on-bare-http.cjs");
const { secret, tryPromises } = require("./checks/promises.cjs");

void tryPromises((url, page) => {
  const sessions = redisSession({ url, secret });
  return { app: onBareHttp(sessions, page), sessions };
});
