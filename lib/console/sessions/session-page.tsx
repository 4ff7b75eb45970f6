/** One session: how big, how old, how long still, and its values. */
import type { VNode } from "preact";
import type { SeenSession } from "../../ops/sessions/session-admin.js";
import { shellWord } from "../../ops/shell-word.js";
import type { Visit } from "../http/visit.js";
import { bytes, seconds } from "../views/amounts.js";
import { Layout } from "../views/layout.js";
import { Tiles } from "../views/tiles.js";
import { UserName } from "./user-name.js";

export interface SessionProps {
  readonly visit: Visit;
  readonly app: string;
  /** Of the keys in Redis. */
  readonly prefix: string;
  readonly seen: SeenSession;
}

export function SessionPage({ visit, app, prefix, seen }: SessionProps): VNode {
  const { session, hash, user, username } = seen;
  return (
    <Layout visit={visit} app={app} title={`Session ${session}`} page="sessions">
      <div class="charts-head">
        <h1>
          Session <code>{session}</code>
        </h1>
        <a class="button danger" href={`${hash}/end`}>
          End this session …
        </a>
      </div>
      <p class="lead">
        {user === undefined ? (
          "No user is logged in."
        ) : (
          <>
            User <UserName user={user} username={username} />:{" "}
            <a href={`../sessions?${new URLSearchParams({ user })}`}>all sessions of this user</a>
          </>
        )}
      </p>
      <Facts {...seen} />
      <h2>What it holds</h2>
      <Values seen={seen} prefix={prefix} />
      <p class="hint">
        The whole hash: <code>{hash}</code>
      </p>
    </Layout>
  );
}

function Values({ seen: { session, excerpt, size }, prefix }: Pick<SessionProps, "seen" | "prefix">): VNode {
  if (!excerpt)
    return (
      <p>This cannot be read as a session: it is not JSON, or encrypted with a key that this app does not have.</p>
    );
  return (
    <>
      {!excerpt.isWhole && (
        <p class="note warning">
          Not all of its {bytes(size)} are shown: after each <b>…</b> is how much is missing there. To see all of it:{" "}
          <code>{showCommand(session, prefix)}</code>
        </p>
      )}
      <pre tabIndex={0} aria-label="The session's values">
        <code>{excerpt.text}</code>
      </pre>
      <p class="hint">Values that look secret are shown as ***.</p>
    </>
  );
}

function showCommand(session: string, prefix: string): string {
  const option = prefix === "sess:" ? "" : ` --prefix ${shellWord(prefix)}`;
  return `npx holdfast sessions show ${session}${option}`;
}

function Facts({ age, idle, ttl, size, layout }: SeenSession): VNode {
  const facts = [
    ["Logged in", age === undefined ? "–" : `${seconds(age)} ago`],
    ["Last used", idle === undefined ? "–" : `${seconds(idle)} ago`],
    ["Expires", ttl === undefined ? "never" : `in ${seconds(ttl)}`],
    ["Size", bytes(size)],
    ["Stored as", layout === "json" ? "JSON" : "hash"],
  ] as const;
  return <Tiles facts={facts} />;
}
