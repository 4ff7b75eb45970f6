/** Keeps a part of a page as the server would render it now, without losing what is typed, checked or focused. */

/** Milliseconds between two looks: when nothing runs, and while something does. */
const [calm, keen] = [1500, 500];

export function keepFresh(place: HTMLElement): void {
  const look = async () => {
    try {
      const response = await fetch(location.href.split("#")[0]!, { cache: "no-store" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const now = page.querySelector(`[data-live="${place.dataset["live"]}"]`);
      if (now) replace(place, now);
      else place.firstElementChild?.toggleAttribute("data-old", true);
    } catch {
      place.firstElementChild?.toggleAttribute("data-old", true); // the app does not answer
    }
    setTimeout(() => void look(), place.querySelector("[data-busy]") ? keen : calm);
  };
  setTimeout(() => void look(), keen);
}

function replace(place: HTMLElement, now: Element): void {
  if (place.innerHTML === now.innerHTML) return;
  const focused = document.activeElement;
  if (focused instanceof HTMLInputElement && place.contains(focused) && focused.type === "number") return;
  for (const box of place.querySelectorAll<HTMLInputElement>("input[type=checkbox]")) {
    const same = now.querySelector(`form#${box.form!.id} input[name="${box.name}"]`);
    same?.toggleAttribute("checked", box.checked);
  }
  const form = focused?.closest("form")?.id;
  place.replaceChildren(...now.childNodes);
  if (form !== undefined) place.querySelector<HTMLElement>(`#${form} button`)?.focus();
}
