/** How deep a session may be nested: one rule for what is saved and for what is loaded. Pure. */

/**
 * Levels of objects and lists, counting the session itself: more than any session needs, and far from a stack overflow.
 */
export const deepest = 1000;

/**
 * Whether JSON is nested deeper than a session may be.
 *
 * @param outside the number of levels around this text: 1 for the value of a single key
 */
export function isTooDeep(text: string, outside = 0): boolean {
  const limit = deepest - outside;
  return text.length > 2 * limit && opensMoreThan(limit, text) && depthOf(text) > limit;
}

/** A few fast searches settle this for nearly every text. Brackets inside strings count here, too. */
function opensMoreThan(limit: number, text: string): boolean {
  let count = 0;
  for (const bracket of "[{") {
    for (let i = text.indexOf(bracket); i !== -1; i = text.indexOf(bracket, i + 1)) if (++count > limit) return true;
  }
  return false;
}

/** The largest number of open brackets at any point, outside strings. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x22 /* " */) {
      i = endOfString(text, i);
      if (i === -1) break;
    } else if (char === 0x5b /* [ */ || char === 0x7b /* { */) most = Math.max(most, ++depth);
    else if (char === 0x5d /* ] */ || char === 0x7d /* } */) depth--;
  }
  return most;
}

/** The index of the quote that closes the string starting at `start`, or -1. */
export function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x5c /* \ */) i++;
    else if (char === 0x22 /* " */) return i;
  }
  return -1;
}
