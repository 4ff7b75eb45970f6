/** The list of sessions, in the pieces in which it is sent: a page's head at once, each row as soon as it is found. */
import type { VNode } from "preact";
import type { Device, SessionSummary } from "../../ops/index.js";
import { htmlOf, textOf } from "../http/answer.js";
import type { Visit } from "../http/visit.js";
import { bytes, seconds } from "../views/amounts.js";
import { Layout } from "../views/layout.js";
import { Table } from "../views/table.js";
import type { Search } from "./search.js";
import { isVisible, UserName } from "./user-name.js";

/** Of these, the markers in the finished text say where the pieces are cut. */
const rowsMarker = "<!--rows-->";
const endMarker = "<!--end-->";

const columns = ["Session", "User", "Age", "Idle", "Lives for", "Size"] as const;

export interface ListPage {
  readonly head: string;
  readonly row: (summary: SessionSummary) => string;
  /** @param sentence how many there are, or why it is not known */
  readonly end: (sentence: string, hasFailed: boolean) => string;
}

export interface ListProps {
  readonly visit: Visit;
  readonly app: string;
  readonly search: Search;
  /** The user's logins in `holdfast/auth`; undefined if no user is searched for. */
  readonly logins: readonly Device[] | undefined;
  readonly note?: string | undefined;
}

export function listPage(props: ListProps): ListPage {
  const [head = "", between = "", after = ""] = textOf(<SessionsPage {...props} />).split(
    new RegExp(`${rowsMarker}|${endMarker}`),
  );
  return {
    head,
    row: (summary) => htmlOf(<Row {...summary} />),
    end: (sentence, hasFailed) =>
      between + htmlOf(<p class={hasFailed ? "note bad" : "sentence"}>{sentence}</p>) + after,
  };
}

function SessionsPage({ visit, app, search, logins, note }: ListProps): VNode {
  const { user } = search;
  return (
    <Layout visit={visit} app={app} title="Sessions" page="sessions">
      <h1>Sessions</h1>
      {note !== undefined && (
        <p class="note" role="status">
          {note}
        </p>
      )}
      <form class="find" method="post" action="sessions/find">
        <label>
          Find
          <select name="by">
            <option value="user">user id</option>
            <option value="hash">hash</option>
            <option value="key">Redis key</option>
          </select>
        </label>
        <label class="grow">
          <span class="visually-hidden">User id, hash or key</span>
          <input
            name="text"
            required
            autocomplete="off"
            spellcheck={false}
            defaultValue={isVisible(user) ? user : undefined}
          />
        </label>
        <button type="submit">Find</button>
      </form>
      <form
        class="find"
        method="post"
        action={`sessions/narrow?${new URLSearchParams(user === undefined ? {} : { user })}`}
      >
        <label>
          Idle for
          <select name="idle">{options(idleChoices, search.idle)}</select>
        </label>
        <label>
          Larger than
          <select name="larger">{options(sizeChoices, search.largerThan)}</select>
        </label>
        <button type="submit">Show</button>
      </form>
      {user !== undefined && <OfUser user={user} logins={logins ?? []} />}
      <Table label="Sessions" columns={columns}>
        <tbody dangerouslySetInnerHTML={{ __html: rowsMarker }} />
      </Table>
      <div dangerouslySetInnerHTML={{ __html: endMarker }} />
    </Layout>
  );
}

const idleChoices = [
  [undefined, "any time"],
  [1800, "30 minutes"],
  [86_400, "a day"],
  [604_800, "a week"],
] as const;
const sizeChoices = [
  [undefined, "any size"],
  [10_240, "10 KB"],
  [102_400, "100 KB"],
  [1_048_576, "1 MB"],
] as const;

function options(choices: typeof idleChoices | typeof sizeChoices, chosen: number | undefined): VNode[] {
  return choices.map(([value, text]) => (
    <option value={value ?? ""} selected={value === chosen}>
      {text}
    </option>
  ));
}

function OfUser({ user, logins }: { user: string; logins: readonly Device[] }): VNode {
  return (
    <section aria-labelledby="user-title">
      <div class="charts-head">
        <h2 id="user-title">
          User <UserName user={user} />
        </h2>
        <a class="button danger" href={`users/end?${new URLSearchParams({ user })}`}>
          End all sessions …
        </a>
      </div>
      {logins.length > 0 && (
        <ul class="logins">
          {logins.map(({ agent, where, since, seen }) => (
            <li>
              {agent}
              {where !== "" && `, ${where}`}: logged in {seconds((Date.now() - since) / 1000)} ago, seen{" "}
              {seconds((Date.now() - seen) / 1000)} ago
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ session, user, username, age, idle, ttl, size, isReadable }: SessionSummary): VNode {
  return (
    <tr>
      <th scope="row">
        <a href={`sessions/${session}`}>
          <code>{session}</code>
        </a>
      </th>
      <td class="name">{isReadable ? <UserName user={user} username={username} /> : "not a session"}</td>
      <td>{seconds(age)}</td>
      <td>{seconds(idle)}</td>
      <td>{ttl === undefined ? "for ever" : seconds(ttl)}</td>
      <td>{bytes(size)}</td>
    </tr>
  );
}
