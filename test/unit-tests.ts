/**
 * The files of the vitest project `unit` (`npm run test:unit`): pure code and servers inside the process, done in
 * seconds on any machine. test/support/no-servers.ts lets none of them start a program.
 * All of them together take less than 20 seconds on two processors; what is pure and slow (names) stays in `library`.
 */
export const unitTests = [
  "test/auth/passwords/hash-bounds.test.ts",
  "test/auth/kept-contents.test.ts",
  "test/auth/network.test.ts",
  "test/auth/safe-path.test.ts",
  "test/cli/pure.test.ts",
  "test/cli/sessions-pure.test.ts",
  "test/docs/errors.test.ts",
  "test/errors/holdfast-error.test.ts",
  "test/errors/within.test.ts",
  "test/http/cookie-header.test.ts",
  "test/http/secrets.test.ts",
  "test/migrate/dial.test.ts",
  "test/migrate/sources/expiry-form.test.ts",
  "test/migrate/machine.test.ts",
  "test/migrate/sources/times.test.ts",
  "test/ops/doctor/page.test.ts",
  "test/ops/sessions/mask.test.ts",
  "test/ops/sessions/session-times.test.ts",
  "test/parity/defaults.test.ts",
  "test/redis/addresses.test.ts",
  "test/redis/breaker.test.ts",
  "test/session/hash-changes.test.ts",
  "test/session/known-sessions.test.ts",
  "test/session/merge.test.ts",
  "test/session/merge-rules.test.ts",
  "test/session/nesting.test.ts",
  "test/session/session-text.test.ts",
  "test/session/takes-away.test.ts",
  "test/shop/pure.test.ts",
  "test/signals/on-signal.test.ts",
  "test/signals/signals-page.test.ts",
  "test/unit-tests.test.ts",
];
