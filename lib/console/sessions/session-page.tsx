/** One session: how big, how old, how long still, and its values. */
import type { VNode } from "preact";
import type { ShownSession } from "../../ops/index.js";
import type { Visit } from "../http/visit.js";
import { bytes, seconds } from "../views/amounts.js";
import { Layout } from "../views/layout.js";
import { Tiles } from "../views/tiles.js";
import { userWords } from "./list-page.js";

export interface SessionProps {
  readonly visit: Visit;
  readonly app: string;
  readonly shown: ShownSession;
}

export function SessionPage({ visit, app, shown }: SessionProps): VNode {
  const { session, hash, user, data, isReadable } = shown;
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
      <Facts {...shown} />
      {user !== undefined && (
        <p>
          <a href={`../sessions?${new URLSearchParams({ user })}`}>All sessions of this user</a>
        </p>
      )}
      <h2>What it holds</h2>
      {isReadable ? (
        <pre tabIndex={0} aria-label="The session's values">
          <code>{JSON.stringify(data, null, 2)}</code>
        </pre>
      ) : (
        <p>This cannot be read as a session.</p>
      )}
      <p class="hint">Values that look secret are shown as ***. The whole hash: {hash}</p>
    </Layout>
  );
}

function Facts({ user, username, age, idle, ttl, size, layout }: ShownSession): VNode {
  const facts = [
    ["User", userWords(user, username)],
    ["Logged in", age === undefined ? "–" : `${seconds(age)} ago`],
    ["Last used", idle === undefined ? "–" : `${seconds(idle)} ago`],
    ["Expires", ttl === undefined ? "never" : `in ${seconds(ttl)}`],
    ["Size", bytes(size)],
    ["Stored as", layout === "json" ? "JSON" : "hash"],
  ] as const;
  return <Tiles facts={facts} />;
}
