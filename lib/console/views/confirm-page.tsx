/** Asks once more, before something is done that cannot be undone. */
import type { VNode } from "preact";
import type { Visit } from "../http/visit.js";
import { Layout, type LayoutProps } from "./layout.js";

export function ConfirmPage(props: {
  readonly visit: Visit;
  readonly app: string;
  readonly question: string;
  readonly consequence: string;
  readonly confirm: string;
  /** Where "Keep" leads. */
  readonly back: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** The page it belongs to, and where the form goes. */
  readonly at?: LayoutProps["page"];
  readonly action?: string;
}): VNode {
  const { visit, app, question, consequence, confirm, back, fields = {}, at = "sessions", action = "end" } = props;
  return (
    <Layout visit={visit} app={app} title={question} page={at}>
      <h1>{question}</h1>
      <p class="lead">{consequence}</p>
      <form method="post" action={action} class="buttons">
        {Object.entries(fields).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <button type="submit" class="danger">
          {confirm}
        </button>
        <a class="button" href={back}>
          Cancel
        </a>
      </form>
    </Layout>
  );
}
