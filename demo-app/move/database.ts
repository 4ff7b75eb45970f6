/** Prepares the database that the shop migrates from, before the workers use it: checks it and creates its table. */
import connectPgSimple from "connect-pg-simple";
import session from "express-session";
import { openSource, type Row, type Source } from "holdfast/migrate";
import { randomBytes } from "node:crypto";
import { Pool } from "pg";

/** In milliseconds. */
const day = 86_400_000;

/**
 * @param strangers the number of sessions to make up, for a new database that has none
 * @throws HoldfastError that says what is wrong with the database
 */
export async function prepareDatabase(url: string, strangers = 0): Promise<void> {
  const source = await openSource({ url });
  try {
    await makeTable(url, source);
    await source.check();
    if (strangers > 0) await source.write(Array.from({ length: strangers }, (_, index) => stranger(index)));
  } finally {
    await source.close();
  }
}

/** As connect-pg-simple does it, but before several workers would do it at once. */
async function makeTable(url: string, source: Source): Promise<void> {
  if (await source.check().then(() => true, isNoTable)) return;
  const pool = new Pool({ connectionString: url, max: 1 });
  const PgStore = connectPgSimple(session);
  const store = new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false });
  try {
    await new Promise<void>((resolve, reject) => {
      store.get("", (error) => (error ? reject(error as Error) : resolve()));
    });
  } finally {
    await store.close();
    await pool.end();
  }
}

/** False if the table is missing or has a different shape, which the next check will report. */
function isNoTable(error: unknown): false {
  if ((error as { code?: unknown }).code === "HOLDFAST_SOURCE_TABLE") return false;
  throw error;
}

/** A visitor from before the migration, with something in the cart. */
function stranger(index: number): Row {
  const sid = randomBytes(24).toString("base64url");
  const skus = ["rope", "mug", "lantern", "cleat", "twine"];
  const data = {
    cookie: { originalMaxAge: null, expires: null, httpOnly: true, path: "/", sameSite: "lax" },
    cart: { [skus[index % skus.length]!]: { quantity: 1 + (index % 4) } },
    pageViews: 1 + (index % 17),
  };
  return { sid, text: JSON.stringify(data), expires: Date.now() + day };
}
