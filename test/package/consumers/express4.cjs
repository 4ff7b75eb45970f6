const framework = require("express4");
const { redisSession } = require("holdfast");
const { secret, tryPromises } = require("./checks/promises.cjs");

void tryPromises((url, page) => {
  const sessions = redisSession({ url, secret });
  const app = framework();
  app.use(sessions);
  app.use(page);
  return { app, sessions };
});
