/** The accounts that the checks create, and assertions about them. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Account, AccountStore, NewAccount } from "../account-store.js";
import { normalizeEmail } from "../names.js";

/** An unused name: letters with several forms, and 64 random bits. */
export function unique(): string {
  return `office${randomBytes(8).toString("hex")}`;
}

/** With an address, because most checks need one. */
type Wanted = NewAccount & { email: string };

export function someone(): Wanted {
  const name = unique();
  return { username: `O${name.slice(1)}`, email: `Ada.${name}@Bücher.example`, passwordHash: `hash of ${name}` };
}

/** The name in spellings that people, phones and attackers use. */
export function formsOf(username: string): string[] {
  const ligature = username.toLowerCase().replace("ffi", "\uFB03");
  return [username, username.toLowerCase(), username.toUpperCase(), fullWidth(username), ligature, ` ${username}\t`];
}

export function emailFormsOf(email: string): string[] {
  const decomposed = email.normalize("NFD"); // the form that macOS uses
  return [...formsOf(email), decomposed, normalizeEmail(email), normalizeEmail(email).toUpperCase()];
}

function fullWidth(text: string): string {
  return text.replace(/[0-9A-Za-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
}

/** What visitors may type, and what a forged session may contain. */
export function oddTexts(): string[] {
  const mark = unique();
  const odd = [
    "'",
    `"`,
    "\\",
    "%",
    "' OR '1'='1",
    "'; DROP TABLE accounts; --",
    "\0",
    "\r\n",
    "\uD800",
    "🦊",
    "$1",
    "*",
  ];
  const long = [254, 10_000].map((length) => mark.padEnd(length, "x"));
  return ["", " ", "0", "-1", "null", "__proto__", "constructor", ...odd.map((text) => text + mark), ...long];
}

export function times<T>(count: number, of: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => of(i));
}

export function isAccount(answer: Account | string): answer is Account {
  return typeof answer !== "string";
}

export async function make<T extends NewAccount>(store: AccountStore, wanted: T): Promise<Account & T> {
  const answer = await store.create(wanted);
  if (!isAccount(answer)) assert.fail(`${JSON.stringify(wanted)} was refused as ${answer}`);
  return answer as Account & T; // the tests check that the store returned what was wanted
}

/** Creates all of them concurrently: exactly one succeeds and is found afterwards; the others get one of `refusals`. */
export async function oneWins(store: AccountStore, wanted: Wanted[], ...refusals: string[]): Promise<Account> {
  const answers = await Promise.all(wanted.map((account) => store.create(account)));
  const won = answers.filter(isAccount);
  assert.equal(won.length, 1, `${won.length} of ${wanted.length} made an account`);
  for (const answer of answers)
    if (!isAccount(answer)) assert.ok(refusals.includes(answer), `an answer was ${JSON.stringify(answer)}`);
  await isFoundAs(store, won[0]!);
  return won[0]!;
}

export async function isFoundAs(store: AccountStore, expected: Account): Promise<void> {
  const found = [await store.findById(expected.id), await store.findByUsername(expected.username)];
  if (expected.email !== undefined) found.push(await store.findByEmail(expected.email));
  for (const account of found) {
    assert.ok(account, "the account was not found");
    assert.deepEqual(pickAll(account), pickAll(expected));
  }
}

export async function isGone(store: AccountStore, { id, username, email }: Account): Promise<void> {
  assert.equal(await store.findById(id), undefined, "it is found by its id");
  assert.equal(await store.findByUsername(username), undefined, "it is found by its user name");
  if (email !== undefined) assert.equal(await store.findByEmail(email), undefined, "it is found by its e-mail address");
}

/** The fields that the caller chose. A store may add fields of its own. */
export function pick({ username, email, passwordHash, isDisabled }: Account) {
  return { username, email, passwordHash, isDisabled };
}

function pickAll(account: Account) {
  return { ...pick(account), id: account.id, createdAt: account.createdAt };
}
