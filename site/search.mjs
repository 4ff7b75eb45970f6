// The search of the site. Its index is made when the site is built; it asks no server.

/**
 * Words that say nothing about what is looked for. The function is sent to the browser as text, so it stands alone.
 * (Terms of the index are not changed: a code such as `NO_SUCH_SESSION` is found by each of its words.)
 */
const processTerm = (term) => {
  const word = term.toLowerCase();
  return /^(a|an|and|are|be|by|can|do|does|for|how|i|is|it|my|of|the|to|was|what|when|why|with)$/.test(word)
    ? null
    : word;
};

/** A typing error is forgiven in words, and not in numbers and what is short: 503 is not 500. */
const fuzzy = (term) => (term.length > 4 && !/\d/.test(term) ? 0.2 : false);

/** Of the API, people mostly look for what `holdfast` itself exports; symptoms have a page of their own. */
const boostDocument = (id) => (/\/api\/(?!holdfast)/.test(id) ? 0.4 : /\/guides\/troubleshooting/.test(id) ? 1.5 : 1);

export const search = {
  provider: "local",
  options: {
    miniSearch: {
      // The title of a section says more than its text; what does not contain every word is no result.
      searchOptions: {
        combineWith: "AND",
        prefix: true,
        fuzzy,
        processTerm,
        boostDocument,
        boost: { title: 4, text: 2, titles: 2 },
      },
    },
    translations: { modal: { noResultsText: "No section has all of these words:" } },
  },
};
