// What the box of the search says to whoever does not see it.

/** Watches for the box, which VitePress adds to the page when it is opened, and for its results. */
export function nameSearchBox() {
  let results;
  new MutationObserver(() => {
    const box = document.querySelector(".VPLocalSearchBox");
    if (!box) return;
    if (box.getAttribute("role") === "button") name(box);
    results?.disconnect();
    results = new MutationObserver(() => nameResults(box));
    results.observe(box, { childList: true, subtree: true });
    nameResults(box);
  }).observe(document.body, { childList: true });
}

/** It calls itself a button. It is a dialog. */
function name(box) {
  for (const attribute of ["aria-expanded", "aria-haspopup", "aria-labelledby"]) box.removeAttribute(attribute);
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-modal", "true");
  box.setAttribute("aria-label", "Search");
  // A label is for what has a role; these are pictures of keys.
  for (const key of box.querySelectorAll("kbd[aria-label]")) key.setAttribute("role", "img");
}

/** The name of a result is its text, and not what VitePress makes of its title. */
function nameResults(box) {
  for (const link of box.querySelectorAll("a.result[aria-label]")) link.removeAttribute("aria-label");
}
