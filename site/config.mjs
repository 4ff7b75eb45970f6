// The configuration of VitePress, for a folder of pages that scripts/docs.mjs has made: docs/, and the pages of the API.
import { join } from "node:path";
import { likeGitHub } from "./markdown/like-github.mjs";
import { anchors } from "./markdown/slug.mjs";
import { changesOf, pagesOf } from "./pages.mjs";
import { manifest, repositoryUrl, root, urlOf } from "./repository.mjs";
import { sidebarOf } from "./sidebar.mjs";

const iconOf = (color) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="${color}" d="M6 4h20a3 3 0 0 1 0 6h-2.5l1 16H28v3H4v-3h3.5l1-16H6a3 3 0 0 1 0-6z"/><path d="M7 21.5 25 14.5" stroke="#d9542b" stroke-width="4.5" stroke-linecap="round" fill="none"/></svg>`;
const imageOf = (color) => `data:image/svg+xml,${encodeURIComponent(iconOf(color))}`;
const [ink, paper] = ["#1d3a4a", "#dfd6c4"];

/** The first page stands alone. It has no front matter, which GitHub would show. */
const home = { pageClass: "home", sidebar: false, aside: false, editLink: false, prev: false, next: false };

/** @param folder the pages @param base the path under which the site is served, such as `/holdfast/` */
export function siteConfig(folder, base) {
  const pages = pagesOf(folder);
  const described = new Map(pages.map((page) => [`${page.path}.md`, page]));
  const changes = changesOf(join(root, "docs"));
  return {
    base,
    title: "Holdfast",
    description: manifest.description,
    lang: "en-US",
    head: [
      ["link", { rel: "icon", href: imageOf(ink) }],
      ["meta", { name: "theme-color", content: "#b83f18" }],
    ],
    // An address in an example is not a page.
    ignoreDeadLinks: "localhostLinks",
    metaChunk: true,
    lastUpdated: false, // asks git once for each page; `changesOf` does so once for all
    markdown: {
      anchor: anchors,
      attrs: { disable: true },
      config: (md) => md.use(likeGitHub),
      image: { lazyLoading: true },
      // Comments of the usual themes are too pale to read.
      theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
      // What the highlighter does not know.
      languageAlias: { acl: "ini", redis: "shellscript" },
    },
    transformPageData(page) {
      const isHome = page.relativePath === "index.md";
      return {
        description: page.description || described.get(page.relativePath)?.description,
        lastUpdated: isHome ? undefined : changes.get(page.filePath),
        frontmatter: { ...page.frontmatter, ...(isHome && home) },
        ...(isHome && { titleTemplate: "Sessions in Redis for Express and Connect" }),
      };
    },
    themeConfig: {
      logo: { light: imageOf(ink), dark: imageOf(paper), alt: "" },
      nav: [
        { text: "Documentation", link: "/swapping", activeMatch: "^/(?!api/).+" },
        { text: "API", link: "/api/", activeMatch: "^/api/" },
        { text: "Changes", link: urlOf("CHANGELOG.md") },
      ],
      sidebar: sidebarOf(pages),
      outline: [2, 3],
      search: { provider: "local", options: { miniSearch: { searchOptions } } },
      editLink: { pattern: `${urlOf("docs", "edit")}/:path`, text: "Edit this page on GitHub" },
      lastUpdated: { formatOptions: { dateStyle: "medium" } },
      socialLinks: [{ icon: "github", link: repositoryUrl, ariaLabel: "GitHub" }],
      externalLinkIcon: true,
      footer: { message: `Released under the ${manifest.license} license.` },
    },
    vite: { build: { chunkSizeWarningLimit: 2000 }, logLevel: "warn" },
  };
}

/** The title of a section says more than its text; what does not contain every word is no result. */
const searchOptions = { combineWith: "AND", fuzzy: 0.2, prefix: true, boost: { title: 4, text: 2, titles: 1 } };
