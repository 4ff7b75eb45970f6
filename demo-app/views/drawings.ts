/**
 * Drawings of the products: flat, outlined shapes on a square of 240. Colors are classes, so that the drawings follow
 * the light and the dark scheme: m metal, w wood and brass, a the accent, p pale, d dark, l a line, s shade, g glint.
 */
import { html, trusted, type Html } from "../html.js";

/** A rope along a path: outline, body, and the marks of its strands. */
function rope(path: string, width = 14): string {
  const at = (name: string, stroke: number) => `<path class="${name}" d="${path}" stroke-width="${stroke}"/>`;
  return at("rope-edge", width + 7) + at("rope-body", width) + at("rope-lay", width);
}

/** Round bar along a path: outline, metal, and the light on it. */
function bar(path: string, width: number, body = "bar-metal"): string {
  const at = (name: string, stroke: number) => `<path class="${name}" d="${path}" stroke-width="${stroke}"/>`;
  return at("bar-edge", width + 7) + at(body, width) + at("bar-glint", width / 4);
}

const drawings: Record<string, string> = {
  rope:
    rope("M172 168 C196 184 206 200 198 216") +
    rope("M120 62 C64 62 50 104 50 132 C50 178 84 204 120 204 C156 204 190 178 190 132 C190 104 176 62 120 62Z") +
    rope("M120 78 C80 78 70 108 70 132 C70 164 94 184 120 184 C146 184 170 164 170 132 C170 108 160 78 120 78Z") +
    rope("M120 95 C96 95 90 114 90 132 C90 152 104 164 120 164 C136 164 150 152 150 132 C150 114 144 95 120 95Z") +
    rope("M96 54 L144 54", 12) +
    rope("M94 70 L146 70", 12) +
    rope("M94 86 L146 86", 12) +
    rope("M96 102 L144 102", 12) +
    rope("M108 46 C92 20 148 20 132 46", 11),
  carabiner:
    bar(
      "M88 70 C88 48 102 36 122 36 L140 36 C172 36 188 62 180 92 L164 172 C159 196 144 208 124 208 L116 208 C98 208 88 194 88 174",
      16,
    ) +
    bar("M88 66 L88 180", 13) +
    `<rect class="a" x="75" y="104" width="26" height="50" rx="6"/><path class="l thin" d="M82 106V152M88 106V152M94 106V152"/>` +
    `<circle class="d" cx="88" cy="178" r="5"/>`,
  cleat:
    `<path class="s" d="M40 192H206v10H40z"/>` +
    rope("M140 122 C172 136 196 164 214 206", 12) +
    `<path class="w" d="M78 186 L90 128 H150 L162 186 C163 192 158 196 152 196 H88 C82 196 77 192 78 186Z"/>` +
    `<path class="w" d="M20 96 C20 84 34 82 50 86 L92 98 H148 L190 86 C206 82 220 84 220 96 C220 112 200 124 176 128 L150 133 H90 L64 128 C40 124 20 112 20 96Z"/>` +
    `<path class="g" d="M34 94 C60 104 78 108 94 109 H140"/>` +
    `<circle class="d" cx="100" cy="180" r="6"/><circle class="d" cx="140" cy="180" r="6"/>` +
    rope("M96 98 L142 130", 12) +
    rope("M144 98 L98 130", 12),
  anchor:
    `<circle class="l" cx="120" cy="42" r="17" stroke-width="15"/><circle class="ring" cx="120" cy="42" r="17"/>` +
    bar("M40 146 C48 190 84 206 120 206 C156 206 192 190 200 146", 14) +
    bar("M120 68 L120 204", 15) +
    bar("M70 88 L170 88", 11) +
    `<circle class="a" cx="66" cy="88" r="10"/><circle class="a" cx="174" cy="88" r="10"/>` +
    `<path class="m" d="M40 118 L62 158 L20 156Z"/><path class="m" d="M200 118 L178 158 L220 156Z"/>`,
  block:
    bar("M120 22 C98 22 98 52 120 52 C142 52 142 22 120 22Z", 7) +
    rope("M74 226 L74 132 C74 76 166 76 166 132 L166 226", 14) +
    `<path class="w" d="M120 50 C160 50 178 92 178 130 C178 168 160 206 120 206 C80 206 62 168 62 130 C62 92 80 50 120 50Z"/>` +
    `<path class="l thin grain" d="M88 78 C80 108 80 150 90 182M152 78 C160 108 160 150 150 182M104 66 C100 74 98 84 97 92M137 66 C141 74 143 84 144 92M100 172 C103 182 107 190 112 194"/>` +
    `<circle class="m" cx="120" cy="132" r="32"/><circle class="l thin" cx="120" cy="132" r="22"/><circle class="d" cx="120" cy="132" r="9"/>` +
    `<path class="g" d="M80 92 C90 68 102 62 114 60"/>`,
  lantern:
    bar("M74 108 C56 20 184 20 166 108", 4) +
    `<path class="m" d="M104 60 H136 L142 74 H98Z"/><path class="m" d="M90 74 H150 L158 92 H82Z"/>` +
    `<path class="p" d="M90 96 C70 126 76 158 92 172 H148 C164 158 170 126 150 96Z"/>` +
    `<path class="halo" d="M120 104 C98 130 96 152 120 166 C144 152 142 130 120 104Z"/>` +
    `<path class="a" d="M120 114 C107 134 107 152 120 160 C133 152 133 134 120 114Z"/>` +
    `<path class="l thin" d="M90 96 C70 126 76 158 92 172M150 96 C170 126 164 158 148 172M78 134H98M142 134H162"/>` +
    `<path class="g" d="M92 112 C84 126 84 142 90 154"/>` +
    `<path class="m" d="M86 172 H154 L160 188 H80Z"/><path class="m" d="M68 188 H172 C178 188 182 192 182 198 V212 H58 V198 C58 192 62 188 68 188Z"/>` +
    `<path class="g" d="M70 200 H130"/><circle class="d" cx="166" cy="200" r="5"/>` +
    bar("M74 106 L74 186", 4) +
    bar("M166 106 L166 186", 4),
  knife:
    `<g transform="rotate(-28 120 120)">` +
    `<path class="m" d="M118 104 H214 C222 104 226 110 222 116 L206 134 H118Z"/><path class="g" d="M130 112 H206"/><path class="l thin" d="M126 126H206"/>` +
    `<path class="w" d="M126 98 C98 92 52 94 28 104 C12 112 14 134 30 140 C58 148 98 144 126 140Z"/>` +
    `<path class="brass" d="M110 95 L128 98 V140 L110 142Z"/><circle class="d" cx="119" cy="119" r="5"/>` +
    `<circle class="d" cx="88" cy="119" r="4"/><circle class="d" cx="60" cy="119" r="4"/><circle class="hole" cx="31" cy="121" r="8"/>` +
    `<path class="g" d="M44 104 C62 100 84 99 100 100"/></g>` +
    rope("M43 163 C16 172 14 212 44 214 C74 216 72 186 50 168", 6),
  mug:
    `<path class="l steam" d="M92 62 C80 50 104 42 92 26M122 62 C110 50 134 42 122 26"/>` +
    bar("M160 108 C214 98 214 178 156 176", 9, "bar-pale") +
    `<path class="p" d="M52 84 H164 L158 194 C157 204 150 210 140 210 H76 C66 210 59 204 58 194Z"/>` +
    `<path class="a" d="M54.6 132 H161.4 L160 158 H56Z"/>` +
    `<path class="d" d="M48 76 H168 C172 76 174 79 174 82 C174 86 172 88 168 88 H48 C44 88 42 86 42 82 C42 79 44 76 48 76Z"/>` +
    `<path class="shade" d="M138 90 H162 L156 196 C155 204 149 208 140 208 H132 C138 180 140 120 138 90Z"/><path class="g" d="M70 102 L73 124M74.5 168 L76 192"/>` +
    `<path class="chip" d="M66 205 l7 -9 l6 8 l-3 5 h-6z"/>`,
  bag:
    `<path class="strap" d="M64 92 C24 132 30 190 62 204"/>` +
    `<path class="a" d="M66 78 H174 C182 118 184 170 178 206 C176 214 170 218 162 218 H78 C70 218 64 214 62 206 C56 170 58 118 66 78Z"/>` +
    `<path class="shade" d="M146 80 H173 C181 118 183 170 177 206 C175 214 169 217 162 217 H136 C152 180 154 120 146 80Z"/>` +
    `<path class="d" d="M60 44 H180 C188 44 192 50 192 57 C192 64 188 70 180 70 H60 C52 70 48 64 48 57 C48 50 52 44 60 44Z"/>` +
    `<path class="d" d="M68 66 H172 V82 H68Z"/><path class="l light" d="M62 57 H178"/>` +
    `<path class="m" d="M100 28 H140 V58 C140 62 137 64 134 64 H106 C103 64 100 62 100 58Z"/><path class="l thin" d="M112 30V52M128 30V52"/>` +
    `<rect class="p" x="92" y="128" width="56" height="42" rx="5"/>` +
    `<path class="l thin" d="M120 136V162M108 152C110 160 114 162 120 162C126 162 130 160 132 152M112 143H128"/><path class="g" d="M80 100 C76 130 76 160 80 192"/>`,
  shackle:
    bar("M84 178 L84 138 C46 96 74 34 120 34 C166 34 194 96 156 138 L156 178", 20) +
    `<circle class="m" cx="84" cy="184" r="23"/><circle class="m" cx="156" cy="184" r="23"/>` +
    bar("M66 184 L186 184", 13, "bar-accent") +
    `<rect class="a" x="188" y="166" width="28" height="36" rx="8"/><circle class="hole" cx="203" cy="184" r="6"/><rect class="a" x="46" y="172" width="14" height="24" rx="4"/>`,
  compass:
    `<path class="brass" d="M108 22 H132 V44 H108Z"/>` +
    bar("M120 10 C102 10 102 30 120 30 C138 30 138 10 120 10Z", 5, "bar-brass") +
    `<circle class="w" cx="120" cy="130" r="90"/><circle class="p" cx="120" cy="130" r="73"/>` +
    `<circle class="l thin dial" cx="120" cy="130" r="63"/>` +
    `<path class="l thin" d="M120 62V80M120 180V198M52 130H70M170 130H188"/>` +
    `<path class="a" d="M146 74 L134 138 L106 122Z"/><path class="m" d="M94 186 L106 122 L134 138Z"/><circle class="d" cx="120" cy="130" r="7"/>` +
    `<path class="g" d="M44 104 C54 78 72 62 92 52"/>`,
  twine:
    `<path class="s" d="M56 208H190v8H56z"/>` +
    `<path class="w" d="M60 34 H180 C186 34 190 38 190 44 V54 C190 60 186 64 180 64 H60 C54 64 50 60 50 54 V44 C50 38 54 34 60 34Z"/>` +
    `<path class="a" d="M72 64 H168 C178 98 178 146 168 180 H72 C62 146 62 98 72 64Z"/>` +
    `<path class="l thin lay" d="M69 80 L172 70M66 96 L174 84M65 112 L175 100M64 128 L176 116M65 144 L175 132M66 160 L174 148M69 175 L172 164"/>` +
    `<path class="w" d="M60 180 H180 C186 180 190 184 190 190 V200 C190 206 186 210 180 210 H60 C54 210 50 206 50 200 V190 C50 184 54 180 60 180Z"/>` +
    `<path class="g" d="M64 46H140M64 192H140"/>` +
    `<path class="loose" d="M170 164 C204 160 214 184 202 200 C196 210 206 220 222 214"/>`,
};

/** A rope from a cleat to an anchor, for the top of the first page. */
export const scene: Html = html`<svg class="drawing scene" viewBox="0 0 640 220" aria-hidden="true" focusable="false">
  ${trusted(
    rope("M180 180 C 204 238 318 232 392 150 S 500 34 545 50", 10) +
      `<g transform="translate(0 10) scale(0.85)">${drawings["cleat"]}</g>` +
      `<g transform="translate(440 12) scale(0.87)">${drawings["anchor"]}</g>`,
  )}
</svg>`;

/** The product's picture. It shows what the name beside it says, so a screen reader need not read it. */
export function drawing(sku: string): Html {
  return html`<svg class="drawing" viewBox="0 0 240 240" aria-hidden="true" focusable="false">
    ${trusted(drawings[sku] ?? "")}
  </svg>`;
}

/** The shop's mark: a bollard with a turn of rope. */
export const mark: Html = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  ${trusted(
    `<path d="M6 4h20a3 3 0 0 1 0 6h-2.5l1 16H28v3H4v-3h3.5l1-16H6a3 3 0 0 1 0-6z"/>` +
      `<path class="turn" d="M7 21.5 25 14.5" stroke-width="4.5"/>`,
  )}
</svg>`;
