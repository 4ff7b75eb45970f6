/** Hides what looks secret in a session that is shown to people. Pure. */
// cspell:ignore passw apikey recoverycode backupcode totp hotp iban otpauth abxy privatekey sessionid
import { isObject } from "../../options/index.js";
import { setSlot, type Json, type JsonObject } from "../../session/index.js";

/** What is shown in place of a secret. */
export const hidden = "***";

/** Anywhere in a key, in any spelling: `accessToken`, `access_token`, `ACCESS-TOKEN`. */
const telling = anyOf(
  "password passwd passphrase passcode passkey secret token csrf xsrf credential authorization cookie bearer " +
    "verifier apikey privatekey signature sessionid recoverycode backupcode onetime oauth oidc openid saml",
);
/** Only as whole words, because they are part of harmless ones: `keyboard`, `spinning`, `passport`. */
const tellingWords = new Set(
  (
    "pass pwd pw otp totp hotp mfa tfa key keys pin pins jwt sid auth nonce cvc cvv iban ssn salt seed hash otpauth " +
    "sig challenge"
  ).split(" "),
);

/** Values that are secret whatever their key is called. */
const secretValues = [
  /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/, // a JWT
  /^s:[^\s.]+\.[\w+/=-]{20,}$/, // a signed cookie
  /^(bearer|basic|digest|token) \S{6,}/i, // the header Authorization
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /^\$(2[abxy]|argon2\w*|scrypt|pbkdf2[\w-]*)\$/, // a password's hash
];
/** Each repetition is bounded, or ends where the next one may begin: a visitor may choose a text of a million characters. */
const urlPassword = /\b([a-z][a-z0-9+.-]{0,40}:\/\/[^\s:/@]*):[^\s@/]*@/gi;

/** Whether a key says that its value is secret. */
export function isSecretKey(key: string): boolean {
  const words = key
    .replace(/(?<=[a-z\d])(?=[A-Z])/g, " ")
    .replace(/(?<=[A-Z])(?=[A-Z][a-z])/g, " ")
    .toLowerCase()
    .split(/[^a-z\d]+/);
  return telling.test(words.join("")) || words.some((word) => tellingWords.has(word));
}

/**
 * A copy of a session's values in which secret ones are `***`. Its own `cookie` stays: that is the settings of the
 * cookie, without its value.
 *
 * @param sid its id, which is hidden wherever it occurs
 */
export function masked(values: JsonObject, sid: string): JsonObject {
  const copy: JsonObject = {};
  for (const [key, value] of Object.entries(values)) {
    const isSettings = key === "cookie" && isObject(value);
    setSlot(copy, maskedText(key, sid), isSettings ? maskedValue(value, sid) : maskedAt(key, value, sid));
  }
  return copy;
}

function maskedAt(key: string, value: Json, sid: string): Json {
  return isHidden(key, value) ? hidden : maskedValue(value, sid);
}

function maskedValue(value: Json, sid: string): Json {
  if (typeof value === "string") return maskedText(value, sid);
  if (Array.isArray(value)) return value.map((one) => maskedValue(one, sid));
  if (typeof value !== "object" || value === null) return value;
  const copy: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) setSlot(copy, maskedText(key, sid), maskedAt(key, inner, sid));
  return copy;
}

/** Whether nothing of a value is shown because of its key. */
export function isHidden(key: string, value: Json): boolean {
  const isHarmless = value === null || typeof value === "boolean" || value === "";
  return !isHarmless && isSecretKey(key);
}

/** A text, or what may be shown of it; keys may be secret, too. */
export function maskedText(text: string, sid: string): string {
  return secretValues.some((pattern) => pattern.test(text)) ? hidden : withoutId(text, sid);
}

function withoutId(text: string, sid: string): string {
  const safe = sid === "" ? text : text.replaceAll(sid, hidden);
  return safe.replace(urlPassword, `$1:${hidden}@`);
}

function anyOf(words: string): RegExp {
  return new RegExp(words.replaceAll(" ", "|"));
}
