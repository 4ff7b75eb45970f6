// The same on express-session, connect-pg-simple and passport-local, with the accounts in the same database.
import { hash, verify } from "@node-rs/argon2";
import connectPg from "connect-pg-simple";
import session from "express-session";
import passport from "passport";
import { Strategy } from "passport-local";
import pg from "pg";

/** As `holdfast/auth` has it by default. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export async function databaseSite(connectionString) {
  const pool = new pg.Pool({ connectionString, max: 10 });
  await pool.query("CREATE TABLE accounts (id serial PRIMARY KEY, username text UNIQUE, password text)");
  const find = async (column, value) =>
    (await pool.query(`SELECT * FROM accounts WHERE ${column} = $1`, [value])).rows[0];
  passport.use(
    new Strategy((username, password, done) => {
      const check = async () => {
        const account = await find("username", username);
        return account && (await verify(account.password, password)) ? account : false;
      };
      check().then((account) => done(null, account), done);
    }),
  );
  passport.serializeUser((account, done) => done(null, account.id));
  passport.deserializeUser((id, done) => {
    find("id", id).then((account) => done(null, account ?? false), done);
  });
  const store = new (connectPg(session))({ pool, createTableIfMissing: true, pruneSessionInterval: false });
  const secret = "a secret of the benchmark, long enough";
  const sessions = session({ secret, store, resave: false, saveUninitialized: false, cookie: { maxAge: 3600_000 } });
  return {
    middleware: [sessions, passport.session()],
    async register({ body: { username, password } }, res) {
      const text = await hash(password, cost);
      await pool.query("INSERT INTO accounts (username, password) VALUES ($1, $2)", [username, text]);
      res.status(201).json({ ok: true });
    },
    logIn: [passport.authenticate("local"), (_req, res) => res.json({ ok: true })],
    logOut(req, res, next) {
      req.logout((error) => (error ? next(error) : res.json({ ok: true })));
    },
  };
}
