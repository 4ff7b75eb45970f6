/**
 * The tables of stores that are not installed here, as their published code makes them and writes into them (versions:
 * connect-session-knex 5.0, connect-session-sequelize 7.1, @quixo3/prisma-session-store 3.1, connect-typeorm 2.0).
 */
export interface StoreShape {
  name: string;
  table: string;
  /** Statements that make the table. */
  make: string[];
  /** As the store writes a session. Values are named: sid, text, and the end in the forms that stores hand over. */
  write(sid: string, text: string, end: Date): [sql: string, values: (string | number)[]];
  /** As it asks for one; a row is a session that is alive. */
  read(sid: string, now: Date): [sql: string, values: (string | number)[]];
  /** As it ends one, where that is no DELETE. */
  end?(sid: string): [sql: string, values: (string | number)[]];
}

const digits = (time: Date) => time.toISOString().slice(0, 19).replace("T", " ");
const sequelizeText = (time: Date) => time.toISOString().replace("T", " ").replace("Z", " +00:00");
const lasting = "2026-01-01 00:00:00";

export const inPostgres: StoreShape[] = [
  {
    name: "connect-session-knex",
    table: "sessions",
    make: [`CREATE TABLE sessions (sid varchar(255) PRIMARY KEY, sess json NOT NULL, expired timestamptz NOT NULL)`],
    write: (sid, text, end) => [
      `INSERT INTO sessions (sid, expired, sess) VALUES ($1, $2::timestamp with time zone, $3::json)`,
      [sid, end.toISOString(), text],
    ],
    read: (sid, now) => [
      `SELECT sess::text AS text FROM sessions WHERE sid = $1 AND CAST($2 AS timestamp with time zone) <= expired`,
      [sid, now.toISOString()],
    ],
  },
  {
    name: "connect-session-sequelize",
    table: "Sessions",
    make: [
      `CREATE TABLE "Sessions" (sid varchar(36) PRIMARY KEY, expires timestamptz, data text,
         "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL)`,
    ],
    write: (sid, text, end) => [
      `INSERT INTO "Sessions" (sid, expires, data, "createdAt", "updatedAt") VALUES ($1, $2, $3, $4, $4)`,
      [sid, sequelizeText(end), text, sequelizeText(new Date())],
    ],
    read: (sid, now) => [
      `SELECT data AS text FROM "Sessions" WHERE sid = $1 AND expires > $2`,
      [sid, sequelizeText(now)],
    ],
  },
  {
    name: "Prisma",
    table: "Session",
    make: [
      `CREATE TABLE "Session" (id text NOT NULL PRIMARY KEY, sid text NOT NULL, data text NOT NULL,
         "expiresAt" timestamp(3) NOT NULL)`,
      `CREATE UNIQUE INDEX "Session_sid_key" ON "Session" (sid)`,
    ],
    write: (sid, text, end) => [
      `INSERT INTO "Session" (id, sid, data, "expiresAt") VALUES ($1, $2, $3, $4)`,
      [`c${sid}`, sid, text, end.toISOString().slice(0, 23)],
    ],
    read: (sid, now) => [
      `SELECT data AS text FROM "Session" WHERE sid = $1 AND "expiresAt" > $2`,
      [sid, now.toISOString().slice(0, 23)],
    ],
  },
  {
    name: "connect-typeorm",
    table: "session",
    make: [
      `CREATE TABLE session ("expiredAt" bigint NOT NULL, id varchar(255) PRIMARY KEY, json text NOT NULL,
         "destroyedAt" timestamp)`,
    ],
    write: (sid, text, end) => [
      `INSERT INTO session ("expiredAt", id, json) VALUES ($1, $2, $3)`,
      [end.getTime(), sid, text],
    ],
    read: (sid, now) => [
      `SELECT json AS text FROM session WHERE id = $1 AND "expiredAt" > $2 AND "destroyedAt" IS NULL`,
      [sid, now.getTime()],
    ],
    end: (sid) => [`UPDATE session SET "destroyedAt" = CURRENT_TIMESTAMP WHERE id = $1`, [sid]],
  },
];

export const inMysql: StoreShape[] = [
  {
    name: "connect-session-knex",
    table: "sessions",
    make: [
      "CREATE TABLE sessions (sid varchar(255) PRIMARY KEY, sess json NOT NULL, expired datetime NOT NULL, KEY (expired))",
    ],
    write: (sid, text, end) => ["INSERT INTO sessions (sid, expired, sess) VALUES (?, ?, ?)", [sid, digits(end), text]],
    read: (sid, now) => [
      "SELECT sess AS text FROM sessions WHERE sid = ? AND CAST(? AS DATETIME) <= expired",
      [sid, digits(now)],
    ],
  },
  {
    name: "connect-session-sequelize",
    table: "Sessions",
    make: [
      "CREATE TABLE Sessions (sid varchar(36) PRIMARY KEY, expires datetime, data text, " +
        "createdAt datetime NOT NULL, updatedAt datetime NOT NULL)",
    ],
    write: (sid, text, end) => [
      "INSERT INTO Sessions (sid, expires, data, createdAt, updatedAt) VALUES (?, ?, ?, ?, ?)",
      [sid, digits(end), text, lasting, lasting],
    ],
    read: (sid, now) => ["SELECT data AS text FROM Sessions WHERE sid = ? AND expires > ?", [sid, digits(now)]],
  },
  {
    name: "Prisma",
    table: "Session",
    make: [
      "CREATE TABLE Session (id varchar(191) NOT NULL PRIMARY KEY, sid varchar(191) NOT NULL UNIQUE, " +
        "data mediumtext NOT NULL, expiresAt datetime(3) NOT NULL)",
    ],
    write: (sid, text, end) => [
      "INSERT INTO Session (id, sid, data, expiresAt) VALUES (?, ?, ?, ?)",
      [`c${sid}`, sid, text, end.toISOString().slice(0, 23).replace("T", " ")],
    ],
    read: (sid, now) => [
      "SELECT data AS text FROM Session WHERE sid = ? AND expiresAt > ?",
      [sid, now.toISOString().slice(0, 23).replace("T", " ")],
    ],
  },
  {
    name: "connect-typeorm",
    table: "session",
    make: [
      "CREATE TABLE session (expiredAt bigint NOT NULL, id varchar(255) PRIMARY KEY, json text NOT NULL, " +
        "destroyedAt datetime(6) NULL)",
    ],
    write: (sid, text, end) => [
      "INSERT INTO session (expiredAt, id, json) VALUES (?, ?, ?)",
      [end.getTime(), sid, text],
    ],
    read: (sid, now) => [
      "SELECT json AS text FROM session WHERE id = ? AND expiredAt > ? AND destroyedAt IS NULL",
      [sid, now.getTime()],
    ],
    end: (sid) => ["UPDATE session SET destroyedAt = CURRENT_TIMESTAMP WHERE id = ?", [sid]],
  },
];

export const inSqlite: StoreShape[] = [
  {
    name: "connect-session-knex",
    table: "sessions",
    make: [
      "CREATE TABLE sessions (sid varchar(255), sess json NOT NULL, expired datetime NOT NULL, PRIMARY KEY (sid))",
    ],
    write: (sid, text, end) => [
      "INSERT INTO sessions (sid, expired, sess) VALUES (?, ?, ?)",
      [sid, end.toISOString(), text],
    ],
    read: (sid, now) => [
      "SELECT sess AS text FROM sessions WHERE sid = ? AND datetime(?) <= datetime(expired)",
      [sid, now.toISOString()],
    ],
  },
  {
    name: "connect-session-sequelize",
    table: "Sessions",
    make: [
      "CREATE TABLE Sessions (sid VARCHAR(36) PRIMARY KEY, expires DATETIME, data TEXT, " +
        "createdAt DATETIME NOT NULL, updatedAt DATETIME NOT NULL)",
    ],
    write: (sid, text, end) => [
      "INSERT INTO Sessions (sid, expires, data, createdAt, updatedAt) VALUES (?, ?, ?, ?, ?)",
      [sid, sequelizeText(end), text, sequelizeText(new Date()), sequelizeText(new Date())],
    ],
    read: (sid, now) => ["SELECT data AS text FROM Sessions WHERE sid = ? AND expires > ?", [sid, sequelizeText(now)]],
  },
  {
    name: "Prisma",
    table: "Session",
    make: [
      "CREATE TABLE Session (id TEXT NOT NULL PRIMARY KEY, sid TEXT NOT NULL, data TEXT NOT NULL, expiresAt DATETIME NOT NULL)",
      "CREATE UNIQUE INDEX Session_sid_key ON Session (sid)",
    ],
    write: (sid, text, end) => [
      "INSERT INTO Session (id, sid, data, expiresAt) VALUES (?, ?, ?, ?)",
      [`c${sid}`, sid, text, end.getTime()],
    ],
    read: (sid, now) => ["SELECT data AS text FROM Session WHERE sid = ? AND expiresAt > ?", [sid, now.getTime()]],
  },
  {
    name: "connect-typeorm",
    table: "session",
    make: [
      "CREATE TABLE session (expiredAt bigint NOT NULL, id varchar(255) PRIMARY KEY NOT NULL, json text NOT NULL, destroyedAt datetime)",
    ],
    write: (sid, text, end) => [
      "INSERT INTO session (expiredAt, id, json) VALUES (?, ?, ?)",
      [end.getTime(), sid, text],
    ],
    read: (sid, now) => [
      "SELECT json AS text FROM session WHERE id = ? AND expiredAt > ? AND destroyedAt IS NULL",
      [sid, now.getTime()],
    ],
    end: (sid) => ["UPDATE session SET destroyedAt = datetime('now') WHERE id = ?", [sid]],
  },
];
