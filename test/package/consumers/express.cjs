const framework = require("express");
const { redisSession } = require("holdfast");
const { countView, visitTwice } = require("./visit-twice.cjs");

const sessions = redisSession({ secret: "a secret of at least 32 characters" });
const app = framework();
app.use(sessions);
app.use(countView);
void visitTwice(app, sessions);
