import { redisSession } from "holdfast";
import { countView, visitTwice } from "../visit-twice.cjs";

const sessions = redisSession({ secret: "a secret of at least 32 characters" });
void visitTwice((req, res) => sessions(req, res, () => countView(req, res)), sessions);
