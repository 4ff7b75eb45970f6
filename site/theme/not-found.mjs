// The page for addresses that do not exist has no main part, to whoever jumps to it. Every other page has one.

/** Watches for its text, which VitePress puts in place when the address is known to be wrong. */
export function markNotFound() {
  const mark = () => {
    const content = document.querySelector("#VPContent");
    if (!content) return;
    const isNotFound = content.querySelector(":scope > .NotFound") !== null;
    if (isNotFound === (content.getAttribute("role") === "main")) return;
    if (isNotFound) content.setAttribute("role", "main");
    else content.removeAttribute("role");
  };
  new MutationObserver(mark).observe(document.documentElement, { childList: true, subtree: true });
}
