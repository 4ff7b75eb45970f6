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

/**
 * What people look for is mostly in guides and pages about one thing. Of the API, it is what `holdfast` itself exports; measurements
 * and the history of decisions mention everything, and explain little of it.
 */
const boostDocument = (id) => {
  if (/\/api\/(?!holdfast)/.test(id)) return 0.3;
  if (/\/api\//.test(id)) return 0.8;
  if (/\/(performance|case-study|architecture|security|plan)\./.test(id)) return 0.3;
  return /\/guides\/troubleshooting/.test(id) ? 1.5 : 1;
};

/**
 * Called for each result, before they are sorted. Who pastes a message of an error rarely finds a section with all of its words:
 * what has more of them comes first, by far, and what has only some comes after it.
 */
const filter = (result) => {
  result.score *= 4 ** result.queryTerms.length;
  return true;
};

export const search = {
  provider: "local",
  options: {
    miniSearch: {
      // The title of a section says more than its text.
      searchOptions: {
        combineWith: "OR",
        prefix: true,
        fuzzy,
        processTerm,
        boostDocument,
        filter,
        boost: { title: 4, text: 2, titles: 2 },
      },
    },
    translations: { modal: { noResultsText: "No section has any of these words:" } },
  },
};
