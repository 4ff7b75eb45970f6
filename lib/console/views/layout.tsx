/** What all pages share: the head, the way between them, and who is here. */
import type { ComponentChildren, VNode } from "preact";
import { scriptAddress, stylesAddress } from "../assets/assets.js";
import type { Visit } from "../http/visit.js";

export interface LayoutProps {
  readonly visit: Pick<Visit, "root" | "operator" | "hasMove">;
  /** What the app calls itself. */
  readonly app: string;
  readonly title: string;
  /** The page's address below the console. */
  readonly page: "" | "sessions" | "redis" | "move" | "none";
  /** Runs the script, which makes a page live. */
  readonly live?: boolean;
  readonly children: ComponentChildren;
}

const pages = [
  ["", "Now"],
  ["sessions", "Sessions"],
  ["redis", "Redis"],
  ["move", "Migration"],
] as const;

export function Layout({
  visit: { root, operator, hasMove },
  app,
  title,
  page,
  live = false,
  children,
}: LayoutProps): VNode {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ${app}`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={root + stylesAddress} />
        {live && <script type="module" src={root + scriptAddress}></script>}
        {live && (
          <noscript>
            <meta http-equiv="refresh" content="5" />
          </noscript>
        )}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="bar">
          <p class="brand">
            {app} <span>holdfast</span>
          </p>
          <nav aria-label="Pages">
            {pages
              .filter(([address]) => hasMove || address !== "move")
              .map(([address, name]) => (
                <a href={root + address} aria-current={address === page ? "page" : undefined}>
                  {name}
                </a>
              ))}
          </nav>
          {operator !== undefined && <p class="operator">{operator}</p>}
        </header>
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </body>
    </html>
  );
}

/** For what cannot be shown: who may not come in, what does not exist, Redis that does not answer. */
export function Notice(
  props: Omit<LayoutProps, "children" | "page"> & Partial<Pick<LayoutProps, "page">> & { sentence: string },
): VNode {
  const { sentence, page = "none", ...layout } = props;
  const [address, name] = pages.find(([one]) => one === page) ?? pages[0];
  return (
    <Layout {...layout} page={page}>
      <h1>{props.title}</h1>
      <p class="lead">{sentence}</p>
      <p>
        <a href={props.visit.root + address}>{name}</a>
      </p>
    </Layout>
  );
}
