// The configuration of VitePress, for a folder of pages that scripts/docs.mjs has made: docs/, and the pages of the API.
import { join } from "node:path";
import { addressOf, headOf } from "./head.mjs";
import { imageOf, ink, paper } from "./icon.mjs";
import { likeGitHub } from "./markdown/like-github.mjs";
import { anchors } from "./markdown/slug.mjs";
import { changesOf, pagesOf } from "./pages.mjs";
import { manifest, repositoryUrl, root, urlOf } from "./repository.mjs";
import { search } from "./search.mjs";
import { sidebarOf } from "./sidebar.mjs";

/** The first page stands alone. It has no front matter, which GitHub would show. */
const home = { pageClass: "home", sidebar: false, aside: false, editLink: false, prev: false, next: false };

/** @param folder the pages @param base the path under which the site is served, such as `/holdfast/` */
export function siteConfig(folder, base) {
  const pages = pagesOf(folder);
  const described = new Map(pages.map((page) => [`${page.path}.md`, page]));
  const changes = changesOf(join(root, "docs"));
  const published = new Map([...changes].map(([file, time]) => [addressOf(file, ""), time]));
  const changeOf = (url) => published.get(url);
  return {
    base,
    title: "Holdfast",
    description: manifest.description,
    lang: "en-US",
    head: [
      ["link", { rel: "icon", href: `${base}icon.png`, sizes: "48x48" }],
      ["link", { rel: "icon", href: `${base}icon.svg`, type: "image/svg+xml" }],
      ["link", { rel: "apple-touch-icon", href: `${base}apple-touch-icon.png` }],
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
    transformHead: ({ page, title, description }) =>
      headOf({ page, title: title.replace(/ \| Holdfast$/, ""), description }, manifest.homepage),
    sitemap: {
      hostname: manifest.homepage,
      transformItems: (items) => items.map((item) => ({ ...item, lastmod: changeOf(item.url) })),
    },
    transformPageData(page) {
      const isHome = page.relativePath === "index.md";
      return {
        description: page.description || described.get(page.relativePath)?.description,
        lastUpdated: isHome ? undefined : changes.get(page.filePath),
        frontmatter: { ...page.frontmatter, ...(isHome && home) },
        ...(isHome && { title: "Holdfast", titleTemplate: "Sessions in Redis for Express and Connect" }),
      };
    },
    themeConfig: {
      logo: { light: imageOf(ink), dark: imageOf(paper), alt: "" },
      nav: [
        { text: "Documentation", link: "/swapping", activeMatch: "^/(?!api/|guides/troubleshooting).+" },
        { text: "API", link: "/api/", activeMatch: "^/api/" },
        { text: "Troubleshooting", link: "/guides/troubleshooting" },
        { text: "Changes", link: urlOf("CHANGELOG.md") },
      ],
      sidebar: sidebarOf(pages),
      outline: [2, 3],
      search,
      editLink: { pattern: `${urlOf("docs", "edit")}/:path`, text: "Edit this page on GitHub" },
      lastUpdated: { formatOptions: { dateStyle: "medium" } },
      socialLinks: [{ icon: "github", link: repositoryUrl, ariaLabel: "GitHub" }],
      externalLinkIcon: true,
      notFound: {
        title: "There is no page here",
        quote: "The search at the top has every page, every option, and every error code.",
        linkLabel: "The first page",
        linkText: "The first page",
      },
      footer: { message: `Released under the ${manifest.license} license.` },
    },
    vite: { build: { chunkSizeWarningLimit: 2000 }, logLevel: "warn" },
  };
}
