import { hashPassword, verifyPassword } from "holdfast/auth";

void hashPassword("correct horse")
  .then((hash) => verifyPassword(hash, "correct horse"))
  .then((isRight) => console.log(JSON.stringify(isRight)));
