/** Passwords: argon2id at OWASP's parameters, and a check that takes as long for nobody as for somebody. */
import { describe, expect, it } from "vitest";
import { hashPassword, verifyNothing, verifyPassword } from "holdfast/auth";
import { workOf } from "../support/work.js";

describe("passwords", () => {
  it("are hashed with argon2id, 19 MiB, two passes, one lane, and a salt of their own", async () => {
    const [one, other] = await Promise.all([hashPassword("correct horse"), hashPassword("correct horse")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
  });

  it("fit their own hash only", async () => {
    const hash = await hashPassword("correct horse");
    expect(await verifyPassword(hash, "correct horse")).toBe(true);
    expect(await verifyPassword(hash, "correct horsf")).toBe(false);
    expect(await verifyPassword(hash, "")).toBe(false);
  });

  it("fit no hash that cannot be read", async () => {
    expect(await verifyPassword("", "correct horse")).toBe(false);
    expect(await verifyPassword("$argon2id$rubbish", "correct horse")).toBe(false);
  });

  it("of a megabyte are refused without being hashed", async () => {
    expect(await verifyPassword(await hashPassword("correct horse"), "x".repeat(1_000_000))).toBe(false);
  });

  it("verifyNothing() answers false and works as hard as a real check", async () => {
    const hash = await hashPassword("correct horse");
    await verifyNothing();
    let [known, unknown] = [0, 0];
    for (let round = 0; round < 15; round++) {
      known += await workOf(() => verifyPassword(hash, "wrong horse!"));
      unknown += await workOf(() => verifyNothing());
    }
    expect(await verifyNothing()).toBe(false);
    // Without the work it would be a hundredth.
    expect(unknown).toBeGreaterThan(known / 2);
    expect(unknown).toBeLessThan(known * 2);
  });
});
