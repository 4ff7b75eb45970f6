// What the head of a page says to search engines, and to whoever makes a preview of a link to it. Pure.

/**
 * @param page path in docs/, such as `guides/hosts.md` @param title of the page alone @param home where the site is
 *   published, with a slash at the end
 * @returns VitePress' entries of the head
 */
export function headOf({ page, title, description }, home) {
  if (page === "404.md") return [["meta", { name: "robots", content: "noindex" }]];
  const url = addressOf(page, home);
  const properties = {
    "og:type": "website",
    "og:site_name": "Holdfast",
    "og:title": title,
    "og:description": description,
    "og:url": url,
    "og:image": `${home}${card.file}`,
    "og:image:width": String(card.width),
    "og:image:height": String(card.height),
    "og:image:alt": card.text,
  };
  return [
    ["link", { rel: "canonical", href: url }],
    ["meta", { name: "description", content: description }], // VitePress' own is not escaped
    ...Object.entries(properties).map(([property, content]) => ["meta", { property, content }]),
    ["meta", { name: "twitter:card", content: "summary_large_image" }],
  ];
}

/** The address of a page where the site is published. */
export function addressOf(page, home) {
  return home + page.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, ".html");
}

/** The picture that a preview shows. `npm run pictures` draws it. */
export const card = {
  file: "card.png",
  width: 1200,
  height: 630,
  text: "Holdfast: sessions in Redis for Express and Connect. No update is lost, and a logout stays a logout.",
};
