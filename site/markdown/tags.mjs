// The HTML that may stand in a page. Any other tag is a placeholder that somebody forgot to mark as code: it would vanish.

const known = new Set(
  "a b br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p picture pre q s samp source span strong sub summary sup svg table tbody td th thead tr ul var".split(
    " ",
  ),
);

/** The names of tags that GitHub would not show. */
export function unknownTags(html) {
  const tags = [...html.replaceAll(/<!--[^]*?-->/g, "").matchAll(/<\/?([a-z][\w-]*)/gi)].map(([, tag]) => tag);
  return tags.filter((tag) => !known.has(tag.toLowerCase()));
}
