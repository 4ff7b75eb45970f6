/** The frame of every page: head, header, main, the session panel, footer. */
import { cartCount, type Cart } from "../cart.js";
import { html, type Html, type Piece } from "../html.js";
import { awayLine } from "./away.js";
import { csrfField } from "./fields.js";
import { mark } from "./drawings.js";
import { sessionPanel, type PanelFacts } from "./session-panel.js";
import { story, type StoryFacts } from "./story.js";

/** What the frame needs to know about the request. */
export interface Visitor {
  readonly username: string | undefined;
  readonly cart: Cart | undefined;
  readonly path: string;
  /** For the forms of the page. */
  readonly csrf: string;
  /** Whether this visitor may see the console. */
  readonly operator: boolean;
  readonly story: StoryFacts;
  readonly panel: PanelFacts | undefined;
  /** Whether there are simulated visitors; undefined if this visitor has no say in it. */
  readonly simulation: boolean | undefined;
}

export interface PageParts {
  readonly title: string;
  readonly main: Html;
  /** A line above the page: what has just happened. */
  readonly notice?: Piece;
  /** The page's own path, if the request went to another one, such as that of a refused form. */
  readonly path?: string;
  /** Styles and scripts for this page only. */
  readonly head?: Html;
  /** The page takes the whole width, without the panel. */
  readonly isWide?: boolean;
}

export function page(visitor: Visitor, parts: PageParts): string {
  const { cart, path } = visitor;
  // Without a session nobody knows who this is, so the page does not say that they are logged out, or their cart empty.
  const isKnown = visitor.panel !== undefined;
  const count = cartCount(cart);
  const current = (target: string) => html`href="${target}" ${path === target && html`aria-current="page"`}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="csrf-token" content="${visitor.csrf}" />
        <title>${parts.title}</title>
        <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/shop.css" />
        <link rel="stylesheet" href="/assets/panel.css" />
        <link rel="stylesheet" href="/assets/story.css" />
        <link rel="stylesheet" href="/assets/away.css" />
        <script type="module" src="/assets/story.js"></script>
        <script type="module" src="/assets/panel.js"></script>
        <script type="module" src="/assets/away.js"></script>
        <script type="module" src="/assets/once.js"></script>
        ${visitor.story.canTakeAway && html`<script type="module" src="/assets/take-away.js"></script>`} ${parts.head}
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        ${awayLine}
        <header class="top">
          <a class="brand" href="/">${mark}<span>Holdfast</span></a>
          <nav aria-label="Shop">
            <a ${current("/")}>Goods</a>
            ${isKnown && who(visitor, current)}
            <a class="cart-link" ${current("/cart")}
              >Cart ${isKnown && html`<b class="count" data-cart-count>${count}</b>`}</a
            >
          </nav>
        </header>
        ${story(visitor.story, visitor.panel && parts.isWide !== true ? "" : "/")}
        <div class="columns ${parts.isWide === true && "wide"}">
          <main id="main" tabindex="-1">
            ${parts.notice && html`<p class="notice" role="status">${parts.notice}</p>`} ${parts.main}
          </main>
          ${parts.isWide !== true && visitor.panel && sessionPanel(visitor.panel, visitor)}
        </div>
        <footer class="bottom">
          <p>Holdfast is a demo: nothing is sold and nothing is sent. Its sessions are real.</p>
          ${visitor.operator && html`<p><a href="/operator/">The operator's console</a></p>`}
        </footer>
      </body>
    </html>`.toString();
}

function who({ username, csrf }: Visitor, current: (target: string) => Html): Html {
  if (username === undefined) return html`<a ${current("/login")}>Log in</a><a ${current("/register")}>Register</a>`;
  return html`<a ${current("/account")}><span class="visually-hidden">Account of </span>${username}</a>
    <form method="post" action="/logout">${csrfField(csrf)}<button type="submit">Log out</button></form>`;
}
