/** What sessions look like in Redis: encrypted or not, with which key, under their ids or not, and what is mixed. Pure. */
import { skipped } from "../facts/answer.js";
import type { Facts } from "../facts/facts.js";
import { isLive } from "../facts/keys.js";
import { sumOfForms, type StoredForms } from "../facts/stored-forms.js";
import { ok, warning, type Verdict } from "../finding.js";
import { count, listed, number } from "../words.js";

interface Mixture {
  readonly found: string;
  readonly why: string;
  readonly remedy: string;
}

export function atRest({ encryptionKeys, nodes }: Facts): Verdict {
  const all = nodes.map(({ keys }) => keys);
  const problem = all.find((keys) => keys.problem && keys.seen === 0)?.problem;
  if (problem) return skipped(problem);
  const ids = idsIn(nodes);
  const forms = sumOfForms(all.map((keys) => keys.forms));
  if (ids.byId + ids.byHash === 0) return ok("there are no sessions");
  const mixtures = [ofKeys(forms, encryptionKeys), ofForms(forms), ofIds(ids)].flat();
  if (mixtures.length === 0)
    return ok(`${formsInWords(forms)}; keys have ${ids.byHash > 0 ? "a hash of the id" : "the id"}`);
  const joined = (part: keyof Mixture, between: string) => mixtures.map((one) => one[part]).join(between);
  return warning(joined("found", "; "), joined("why", " "), joined("remedy", " "));
}

interface Ids {
  readonly byId: number;
  readonly byHash: number;
}

/** Tombstones of a migration and keys of other types are no sessions; of many keys, only those in the sample are known as such. */
function idsIn(nodes: Facts["nodes"]): Ids {
  const total = (numberIn: (keys: Facts["nodes"][number]["keys"]) => number) =>
    nodes.reduce((sum, { keys }) => sum + numberIn(keys), 0);
  const byHash = total(({ hashed }) => hashed);
  const others = total(({ sessions }) => sessions.filter((one) => !isLive(one) && !one.isHashed).length);
  return { byId: total(({ counts }) => counts.session) - byHash - others, byHash };
}

function ofIds({ byId, byHash }: Ids): Mixture[] {
  if (byId === 0 || byHash === 0) return [];
  return [
    {
      found: `${count(byId, "key has", "keys have")} the id of a session, and ${number(byHash)} a hash of it`,
      why: "Only with `hashIds` at `prepare` or `move` both are found; else, visitors are logged out.",
      remedy: "Keep that step until none of the kind that goes is left: docs/storage.md, hashed ids.",
    },
  ];
}

function ofForms({ looked, encrypted, partly }: StoredForms): Mixture[] {
  const plain = looked - encrypted - partly;
  if (partly === 0 && (plain === 0 || encrypted === 0)) return [];
  const some = partly === 0 ? "" : `, and ${number(partly)} in some fields only`;
  return [
    {
      found: `${number(encrypted)} of ${count(looked, "session", "sessions")} looked at are encrypted${some}`,
      why: "A copy of Redis shows what the others hold, and `onlyEncrypted` would log their visitors out.",
      remedy: "A session gets the form of the process that saves it: wait until the others were saved, or expired.",
    },
  ];
}

function ofKeys({ keys, looked }: StoredForms, known: readonly string[] | undefined): Mixture[] {
  const names = [...keys.keys()].sort();
  const strange = known ? names.filter((name) => !known.includes(name)) : [];
  if (strange.length > 0)
    return [
      {
        found: `${number(strange.reduce((sum, name) => sum + keys.get(name)!, 0))} of ${count(looked, "session", "sessions")} looked at are encrypted with a key that SESSION_ENCRYPTION_KEY does not have here (${listed(strange)})`,
        why: "A process without that key takes them for unreadable, and their visitors have no session.",
        remedy: "Put the key back, after the one that encrypts; or give the doctor the variable of the app.",
      },
    ];
  if (names.length < 2) return [];
  return [
    {
      found: `sessions are encrypted with ${number(names.length)} keys (${listed(names.map((name) => `${number(keys.get(name)!)} with ${name}`))})`,
      why: "Without its key, a session cannot be read.",
      remedy: "Keep all of them in `encrypt` until none is left of the old ones.",
    },
  ];
}

function formsInWords({ compressed, encrypted, keys, looked }: StoredForms): string {
  if (looked === 0) return "what sessions hold was not looked at";
  const all = `${count(looked, "session", "sessions")} looked at`;
  if (encrypted > 0) return `${all}: encrypted with the key ${[...keys.keys()].join()}`;
  return compressed > 0 ? `${all}: compressed, not encrypted` : `${all}: not encrypted`;
}
