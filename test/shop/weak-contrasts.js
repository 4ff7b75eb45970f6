// Runs in the page: every text whose contrast is below WCAG's AA, 4.5 to 1, or 3 to 1 if it is large.
(() => {
  const parse = (color) => (/[\d.]+/.exec(color) ? color.match(/[\d.]+/g).map(Number) : [0, 0, 0, 0]);
  const light = (color) => {
    const [r, g, b] = color.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if ((color[3] ?? 1) > 0) return color;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
    if (!text || !element.checkVisibility() || element.closest("svg, noscript, .skip")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) {
      weak.push(`${element.tagName} "${element.textContent?.trim().slice(0, 30)}": ${ratio.toFixed(2)}`);
    }
  }
  return weak;
})();
