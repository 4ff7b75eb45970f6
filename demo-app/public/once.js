// A form that is on its way is not sent again: a double click is one click, also on a slow network. Loaded after away.js,
// which keeps a form back while Redis is away.

/** In milliseconds. Afterwards it can be sent again, for whoever has stopped the page from loading. */
const longest = 10_000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.hasAttribute("aria-busy")) return event.preventDefault();
  form.setAttribute("aria-busy", "true");
  setTimeout(() => form.removeAttribute("aria-busy"), longest);
});

// The browser shows this very page again: the way back.
addEventListener("pageshow", () => {
  for (const form of document.forms) form.removeAttribute("aria-busy");
});
