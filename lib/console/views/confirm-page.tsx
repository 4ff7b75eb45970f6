/** Asks once more, before something is done that cannot be undone. */
import type { ComponentChildren, VNode } from "preact";
import type { Visit } from "../http/visit.js";
import { Layout, type LayoutProps } from "./layout.js";

export function ConfirmPage(props: {
  readonly visit: Visit;
  readonly app: string;
  readonly title: string;
  /** Default: the title. */
  readonly question?: ComponentChildren;
  readonly consequence: ComponentChildren;
  readonly confirm: string;
  /** Where "Cancel" leads. */
  readonly back: string;
  /** The page it belongs to, and where the form goes. */
  readonly at?: LayoutProps["page"];
  readonly action?: string;
}): VNode {
  const { visit, app, title, question = title, consequence, confirm, back, at = "sessions", action = "end" } = props;
  return (
    <Layout visit={visit} app={app} title={title} page={at}>
      <h1>{question}</h1>
      <p class="lead">{consequence}</p>
      <form method="post" action={action} class="buttons">
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
