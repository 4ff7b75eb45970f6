const express = require("express");
const { redisSession } = require("holdfast");
const { localAuth, RedisAccounts, requireLogin } = require("holdfast/auth");
const { tryLogins } = require("./checks/logins.cjs");

const sessions = redisSession({ secret: "a secret of at least 32 characters" });
const auth = localAuth({ sessions, accounts: new RedisAccounts({ client: sessions.client }) });
const { register, logIn, logOut, endOtherDevices } = auth.json();
const app = express();
app.use(sessions, auth.middleware, express.json());
app.post("/register", register);
app.post("/login", logIn);
app.post("/logout", logOut);
app.post("/end-others", endOtherDevices);
app.get("/account", requireLogin(), (req, res) => res.send(req.user.username));

void tryLogins(app, sessions);
