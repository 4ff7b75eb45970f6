// The groups of the sidebar, and the order of the pages in them. A page that no list names appears by itself: at the end
// of the group that has its folder, else of the last group. Its text is its title, unless the list has a shorter one.

/** Pages are named by their path in docs/, without `.md`. A group may have a folder; its list names what comes first. */
export const groups = [
  {
    text: "Get started",
    pages: ["swapping", "options", "guides/typescript", ["testing", "Testing your app"], "compatibility"],
  },
  {
    text: "Switching",
    pages: [
      "guides/from-connect-redis",
      "guides/from-connect-pg-simple",
      "guides/from-connect-mongo",
      "guides/from-cookie-session",
      ["migration", "Live migration"],
      ["command", "holdfast migrate"],
      "guides/upgrading",
    ],
  },
  {
    text: "When something is wrong",
    pages: [
      ["guides/troubleshooting", "Troubleshooting by symptom"],
      "errors",
      ["runbook", "Runbook for operators"],
      ["doctor", "holdfast doctor"],
    ],
  },
  {
    text: "Guides",
    folder: "guides",
    pages: [
      "guides/single-page-apps",
      ["sockets", "WebSockets"],
      "guides/other-middleware",
      "guides/tenants",
      ["guides/at-rest", "Sessions at rest"],
      "guides/hosts",
      "guides/proxies",
    ],
  },
  { text: "Frameworks", folder: "frameworks", pages: [] },
  { text: "Logins", pages: ["login", ["passport", "passport and OAuth 2"], "accounts", "security"] },
  {
    text: "Operations",
    pages: [
      "production",
      "console",
      ["top", "holdfast top"],
      ["sessions", "holdfast sessions"],
      ["plan", "holdfast plan"],
      "monitoring",
      "signals",
    ],
  },
  {
    text: "How it works",
    pages: ["merging", "life-of-a-request", ["storage", "Storage in Redis"], "near-cache"],
  },
  { text: "API", folder: "api", pages: [] },
  { text: "Background", pages: ["performance", "case-study", "architecture"] },
];

/**
 * @param pages each with `path` (without `.md`) and `title`
 * @returns VitePress' sidebar; groups without a page are left out
 */
export function sidebarOf(pages, wanted = groups) {
  const left = new Map(pages.filter(({ path }) => path !== "index").map((page) => [page.path, page]));
  const sorted = wanted.map(({ text, folder, pages: listed }) => ({ text, folder, items: listed.flatMap(take) }));
  const rest = [...left.values()].toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  for (const page of rest) {
    const group = sorted.find(({ folder }) => folder && page.path.startsWith(`${folder}/`)) ?? sorted.at(-1);
    group.items.push(itemOf(page));
  }
  // None can be folded: VitePress' button for that has links in it, which is no use to who cannot see it.
  return sorted.filter(({ items }) => items.length > 0).map(({ text, items }) => ({ text, items }));

  function take(entry) {
    const [path, text] = [entry].flat();
    const page = left.get(path);
    left.delete(path);
    return page ? [itemOf({ ...page, title: text ?? page.title })] : []; // a page may be planned, or be gone
  }
}

/** The theme takes a text for HTML. */
const itemOf = ({ path, title }) => ({
  text: title.replaceAll("<", "&lt;"),
  link: `/${path.replace(/(^|\/)index$/, "$1")}`,
});

/** A folder's index comes first, then what has an `order`, then by title. */
function keyOf({ path, order, title }) {
  return `${path.endsWith("/index") ? 0 : 1} ${String(order ?? 999).padStart(4, "0")} ${title.toLowerCase()}`;
}
