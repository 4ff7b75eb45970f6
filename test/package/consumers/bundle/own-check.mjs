// Knows by itself who somebody is, so it needs nothing that hashes; then it asks for a hash, and for a check, after all.
import { redisSession } from "holdfast";
import { hashPassword, localAuth, verifyPassword } from "holdfast/auth";
import { visitTwice } from "../visit-twice.cjs";

const sessions = redisSession({ secret: "a secret of at least 32 characters" });
const auth = localAuth({ sessions });

async function answer(req, res) {
  const visitor = req.session.passport?.user ?? null;
  if (!visitor) await auth.begin(req, { id: 1, username: "ada", createdAt: 0 });
  const told = (work) => work.then(String, ({ code, message }) => `${code} ${message}`);
  const hashed = await told(hashPassword("correct horse"));
  const checked = await told(
    verifyPassword("$2b$04$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu", "correct horse"),
  );
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify({ visitor, hashed, checked }));
}

const chain = (req, res) => sessions(req, res, () => auth.middleware(req, res, () => void answer(req, res)));
void visitTwice(chain, sessions);
