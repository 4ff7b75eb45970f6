const { redisSession } = require("holdfast");
const { countView, visitTwice } = require("./visit-twice.cjs");

const sessions = redisSession({ secret: "a secret of at least 32 characters" });
void visitTwice((req, res) => sessions(req, res, () => countView(req, res)), sessions);
