// Screenshots as an animated GIF. Only what changed is drawn again, so a frame costs little.
import gifenc from "gifenc";
import { PNG } from "pngjs";

const { GIFEncoder, quantize, applyPalette } = gifenc;
/** One color is left for what stays as it is. */
const colors = 255;

/**
 * @param frames screenshots of one size as PNG, and when each was taken
 * @param holds milliseconds that the first and the last frame are shown
 */
export function animationOf(frames, holds) {
  const images = frames.map(({ png }) => PNG.sync.read(png));
  const { width, height } = images[0];
  // One palette for all: the last frames have the colors of the outcome, the first the others.
  const samples = [images[0], images[images.length >> 1], images.at(-1)].map((image) => image.data);
  const palette = quantize(new Uint8Array(Buffer.concat(samples)), colors);
  const transparentIndex = palette.length;
  palette.push([0, 0, 0]);

  const gif = GIFEncoder();
  let shown;
  images.forEach((image, index) => {
    const pixels = applyPalette(image.data, palette.slice(0, transparentIndex));
    const changed = shown ? pixels.map((pixel, at) => (pixel === shown[at] ? transparentIndex : pixel)) : pixels;
    const next = frames[index + 1]?.at ?? Infinity;
    const delay = index === 0 ? holds.first : index === images.length - 1 ? holds.last : next - frames[index].at;
    const isFirst = index === 0;
    gif.writeFrame(changed, width, height, {
      palette: isFirst ? palette : undefined,
      delay: Math.max(20, delay),
      transparent: !isFirst,
      transparentIndex,
      dispose: 1,
    });
    shown = pixels;
  });
  gif.finish();
  return gif.bytes();
}
