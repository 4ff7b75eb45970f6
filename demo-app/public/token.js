// The token of the page's forms belongs to the visitor's session. If that is gone, because Redis was restarted without it,
// what was typed can be sent with the token of a new session.

const meta = document.querySelector('meta[name="csrf-token"]');
let isOld = false;

/** The session of this page may be gone. */
export function tokenIsOld() {
  isOld = true;
}

export function isTokenOld() {
  return isOld;
}

/** For requests of scripts; the fields of the forms get it too. */
export async function currentToken() {
  if (isOld) await renew();
  return meta?.content ?? "";
}

/** Asks for this page again, which begins a session if there is none. */
async function renew() {
  const response = await fetch(location.href, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector('meta[name="csrf-token"]')?.content;
  if (!response.ok || !fresh) return;
  isOld = false;
  meta.content = fresh;
  for (const field of document.querySelectorAll('input[name="csrf"]')) field.value = fresh;
}
