/** Which values of a session `show` hides. */
import { describe, expect, it } from "vitest";
import { isSecretKey, masked } from "../../../lib/ops/sessions/mask.js";

describe("the value of a key with such a name is hidden", () => {
  it.each([
    ..."password passwd userPassword user_password PASSWORD pwd pass passphrase passcode".split(" "),
    ..."secret clientSecret client_secret csrfSecret secrets".split(" "),
    ..."token accessToken access_token accesstoken refreshToken idToken tokens x-auth-token".split(" "),
    ..."csrf _csrf csrfToken xsrf XSRF-TOKEN".split(" "),
    ..."otp otpCode totp totpSecret mfa twoFactorOtp pin PIN".split(" "),
    ..."key apiKey api_key apikey API-KEY privateKey signingKeys".split(" "),
    ..."authorization Authorization auth cookie cookies setCookie bearer jwt credential credentials".split(" "),
    ..."sid sessionId session_id sessionID nonce code_verifier codeVerifier salt hash passwordHash signature".split(
      " ",
    ),
    ..."oauth2:github.com oidc:accounts.example.com saml iban ssn cvc recoveryCodes".split(" "),
  ])("%s", (key) => {
    expect(isSecretKey(key)).toBe(true);
    expect(masked({ [key]: "hush", deep: [{ [key]: { inner: "hush" } }] }, "the-id")).toEqual(
      key === "cookie" ? { cookie: "***", deep: [{ cookie: "***" }] } : { [key]: "***", deep: [{ [key]: "***" }] },
    );
  });
});

describe("the value of a harmless key is shown", () => {
  it.each(
    "passport passenger compass user keyboard monkey turkey spinning opinion authored author shipping cart sidebar hashtag notes tokyo".split(
      " ",
    ),
  )("%s", (key) => {
    expect(masked({ [key]: "shown", deep: [{ [key]: 1 }] }, "the-id")).toEqual({
      [key]: "shown",
      deep: [{ [key]: 1 }],
    });
  });

  it("also what no secret can be: a flag, null, an empty text", () => {
    const values = { isAuth: true, token: null, password: "", hasOtp: false };
    expect(masked(values, "the-id")).toEqual(values);
  });
});

describe("a value that looks secret is hidden, whatever its key is called", () => {
  it.each([
    ["a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
    ["a signed cookie", "s:abcdefghijklmnop.c2lnbmF0dXJlc2lnbmF0dXJl"],
    ["a header", "Bearer abcdef123456"],
    ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"],
    ["a bcrypt hash", "$2b$10$abcdefghijklmnopqrstuv"],
    ["an argon2 hash", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"],
  ])("%s", (_, value) => {
    expect(masked({ note: value, list: [value] }, "the-id")).toEqual({ note: "***", list: ["***"] });
  });

  it("the password of an address, and the session's own id, in values and in keys", () => {
    const values = { from: "postgres://app:hush@db/shop", link: "/resume?s=the-id", by: { "the-id": 1 } };
    expect(masked(values, "the-id")).toEqual({
      from: "postgres://app:***@db/shop",
      link: "/resume?s=***",
      by: { "***": 1 },
    });
  });
});

it("the settings of the session's own cookie are shown", () => {
  const cookie = { originalMaxAge: 1000, httpOnly: true, path: "/", sameSite: "lax", secure: true };
  expect(masked({ cookie }, "the-id")).toEqual({ cookie });
});

it("keys named like parts of objects stay keys", () => {
  const values = JSON.parse('{"__proto__": {"a": 1}, "constructor": "b"}');
  expect(JSON.stringify(masked(values, "the-id"))).toBe('{"__proto__":{"a":1},"constructor":"b"}');
});

/** A backtracking expression would take minutes for each. */
it.each([
  ["a text with many beginnings of an address", { note: "aB3-".repeat(250_000) }],
  ["a text with many addresses", { note: "a://b:".repeat(150_000) }],
  ["a key in capitals", { ["A".repeat(1_000_000)]: "shown" }],
  ["many headers of keys", { note: "-----BEGIN ".repeat(90_000) }],
  ["a signed cookie that never ends", { note: `s:${"a".repeat(1_000_000)}` }],
  ["half a JWT", { note: `eyJ${"a.".repeat(500_000)}` }],
])("takes no longer because of what a visitor has chosen: %s", (_, values) => {
  expect(masked(values, "the-id")).toEqual(values);
});

it("a secret that is a key is hidden as well", () => {
  const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
  expect(masked({ [jwt]: 1, seen: { [jwt]: 2 } }, "the-id")).toEqual({ "***": 1, seen: { "***": 2 } });
});
