/** HTML as tagged templates: all inserted values are escaped, unless they are HTML made here. */

/** A piece of finished HTML. Only `html` and `trusted` make one. */
export class Html {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type Piece = Html | string | number | false | null | undefined | readonly Piece[];

export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  let text = strings[0] ?? "";
  pieces.forEach((piece, index) => (text += render(piece) + (strings[index + 1] ?? "")));
  return new Html(text);
}

/** Marks a constant as HTML, such as the drawings. Never use it for external input. */
export function trusted(text: string): Html {
  return new Html(text);
}

function render(piece: Piece): string {
  if (piece instanceof Html) return piece.toString();
  if (Array.isArray(piece)) return piece.map(render).join("");
  if (piece === false || piece === null || piece === undefined) return "";
  return escape(String(piece));
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");
}
