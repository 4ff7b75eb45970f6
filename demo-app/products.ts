/** What the shop sells. Prices in cents. */

export interface Product {
  readonly sku: string;
  readonly name: string;
  /** In cents. */
  readonly price: number;
  /** One line, for the list. */
  readonly line: string;
  readonly text: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
}

export const products: readonly Product[] = [
  {
    sku: "rope",
    name: "Mooring rope",
    price: 4250,
    line: "Three strands that give before your cleat does",
    text:
      "Laid from polyester in three strands, with an eye spliced at one end and the other whipped by hand. It stretches when the " +
      "swell comes in, does not mind the sun, and gets softer with the years rather than stiffer.",
    facts: [
      ["Length", "12 m"],
      ["Thickness", "14 mm"],
      ["Breaking load", "3,900 daN"],
    ],
  },
  {
    sku: "carabiner",
    name: "Screw-gate carabiner",
    price: 1490,
    line: "Forged, locked, and quiet in the pocket",
    text:
      "Hot-forged aluminum in the old D shape, so that the load sits at the spine. The sleeve turns with one thumb, even in a " +
      "glove, and the nose has no hook that a rope could catch on.",
    facts: [
      ["Closed", "25 kN"],
      ["Open", "8 kN"],
      ["Weight", "78 g"],
    ],
  },
  {
    sku: "cleat",
    name: "Horn cleat",
    price: 2875,
    line: "Two horns and four bolts, nothing to wear out",
    text:
      "Cast in bronze in a sand mold and polished by hand. Wide horns take a second turn, the round foot leaves no edge for the " +
      "rope to chafe on. The bolts are in the box.",
    facts: [
      ["Length", "200 mm"],
      ["For ropes", "up to 16 mm"],
      ["Material", "bronze"],
    ],
  },
  {
    sku: "anchor",
    name: "Fisherman anchor",
    price: 8900,
    line: "For rock, weed and a good night's sleep",
    text:
      "The one in all the pictures, because the pictures are right: where modern anchors skate over rock and kelp, this one finds a hold. " +
      "The stock folds along the shank and the whole thing lies flat in a locker.",
    facts: [
      ["Weight", "9 kg"],
      ["For boats", "up to 7 m"],
      ["Material", "galvanized steel"],
    ],
  },
  {
    sku: "block",
    name: "Ash block",
    price: 5640,
    line: "A wooden block that runs like a modern one",
    text:
      "Cheeks of oiled ash, a sheave of bronze on ball bearings. It looks as if it came with the ship and turns as if it had no weight " +
      "on it. Wipe it with linseed oil once a year and leave it to your grandchildren.",
    facts: [
      ["For ropes", "up to 12 mm"],
      ["Working load", "450 daN"],
      ["Wood", "ash"],
    ],
  },
  {
    sku: "lantern",
    name: "Anchor lantern",
    price: 6400,
    line: "Twenty hours of light from a cup of paraffin",
    text:
      "A flat wick behind thick glass in a cage of tinned steel. The wind makes it burn brighter, not smaller. Hang it in the " +
      "forestay, or over a table: it is the same light.",
    facts: [
      ["Height", "310 mm"],
      ["Burns", "20 hours"],
      ["Fuel", "lamp oil"],
    ],
  },
  {
    sku: "knife",
    name: "Rigging knife",
    price: 3950,
    line: "A sheepsfoot blade that cannot slip into your hand",
    text:
      "A blade without a point, because the deck moves. It locks open, closes with the thumb, and cuts a loaded rope in one pull. " +
      "Walnut scales, brass bolsters, a lanyard so that it stays on board.",
    facts: [
      ["Blade", "82 mm"],
      ["Steel", "14C28N"],
      ["Scales", "walnut"],
    ],
  },
  {
    sku: "mug",
    name: "Enamel mug",
    price: 1250,
    line: "Falls down the companionway and comes up smiling",
    text:
      "Two coats of enamel on steel, a rolled rim, a handle for three fingers. It goes on the fire and in the sink. The first chip is " +
      "free and makes it yours.",
    facts: [
      ["Holds", "350 ml"],
      ["Weight", "150 g"],
      ["Care", "none"],
    ],
  },
  {
    sku: "bag",
    name: "Dry bag",
    price: 3400,
    line: "Rolled three times, it floats and stays dry inside",
    text:
      "Welded, not sewn, so there is no seam to let the water in. Roll the top three times, close the buckle, throw it ashore. A " +
      "shoulder strap makes it a bag for town.",
    facts: [
      ["Holds", "20 l"],
      ["Weight", "390 g"],
      ["Tested", "1 m under water"],
    ],
  },
  {
    sku: "shackle",
    name: "Bow shackle",
    price: 980,
    line: "The small part that holds the big ones",
    text:
      "Drop-forged and proof-loaded one by one, with a captive pin that you can do up with cold hands. The bow is wide enough for " +
      "three eyes side by side.",
    facts: [
      ["Pin", "10 mm"],
      ["Working load", "1,000 daN"],
      ["Material", "stainless steel"],
    ],
  },
  {
    sku: "compass",
    name: "Hand compass",
    price: 7200,
    line: "Knows one thing, and is always right about it",
    text:
      "A card that floats in oil, steady on a small boat and readable by moonlight. Take a bearing over the lid, write it down, and " +
      "let the batteries be somebody else's problem.",
    facts: [
      ["Diameter", "62 mm"],
      ["Card", "5° steps"],
      ["Case", "brass"],
    ],
  },
  {
    sku: "twine",
    name: "Whipping twine",
    price: 450,
    line: "Keeps rope ends, sailmakers and gardeners happy",
    text:
      "Waxed flax on a wooden spool. Ten turns and a tuck keep a rope end from fraying for years; the remaining eighty meters find " +
      "uses of their own.",
    facts: [
      ["Length", "80 m"],
      ["Thickness", "0.8 mm"],
      ["Wax", "beeswax"],
    ],
  },
];

const bySku = new Map(products.map((product) => [product.sku, product]));

export function findProduct(sku: string): Product | undefined {
  return bySku.get(sku);
}
