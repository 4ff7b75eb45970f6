// The token of the page's forms belongs to the visitor's session. If that is gone, because Redis was restarted without it,
// what was typed can be sent with the token of a new session.

const meta = document.querySelector('meta[name="csrf-token"]');
/** Where the tabs of this browser, which share one session, note which one the newest page has. */
const name = "holdfast-demo-session";
let isOld = false;

note();

/** The session of this page may be gone. */
export function tokenIsOld() {
  isOld = true;
}

/** Also if the visitor has logged in or out in another tab since. */
export function isTokenOld() {
  return isOld || (meta !== null && noted() !== "" && noted() !== beginning());
}

/** For requests of scripts; the fields of the forms get it too. */
export async function currentToken() {
  if (isTokenOld()) await renew();
  return meta?.content ?? "";
}

/** Asks for this page again, which begins a session if there is none. */
async function renew() {
  // As the browser asks, so that a page for which one must log in leads to that form, which has a token too.
  const response = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector('meta[name="csrf-token"]')?.content;
  if (!fresh) return;
  isOld = false;
  meta.content = fresh;
  note();
  for (const field of document.querySelectorAll('input[name="csrf"]')) field.value = fresh;
}

/** Enough to tell sessions apart, and no token. */
function beginning() {
  return meta.content.slice(0, 8);
}

function note() {
  // The answer while Redis is away knows no session.
  if (!meta || document.querySelector("[data-unavailable]")) return;
  try {
    localStorage.setItem(name, beginning());
  } catch {
    // Without storage, a tab knows only its own session.
  }
}

function noted() {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}
