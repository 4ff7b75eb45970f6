// The box of the search calls itself a button, to whoever does not see it. It is a dialog.

/** Watches for the box, which VitePress adds to the page when it is opened. */
export function nameSearchBox() {
  new MutationObserver(() => {
    const box = document.querySelector(".VPLocalSearchBox[role=button]");
    if (!box) return;
    for (const attribute of ["aria-expanded", "aria-haspopup", "aria-labelledby"]) box.removeAttribute(attribute);
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-modal", "true");
    box.setAttribute("aria-label", "Search");
  }).observe(document.body, { childList: true });
}
