// The tables that the first pages show: the two old bugs, and what a page costs, beside connect-redis. Pure.
import { markdownTable } from "./markdown.mjs";

const number = (value) => value.toLocaleString("en-US");
const header = ["", "connect-redis", "Holdfast"];

/** @param counts those of `npm run proof` */
export function proofLines({ counts }) {
  return markdownTable([header, ...proofRows(counts)]);
}

/** The same, with the cost of a page that only reads. */
export function glanceLines({ counts }, { variants }) {
  const { "connect-redis": theirs, json: ours } = variants.read;
  const cost = ({ cost: { median } }) => `${number(Math.round(median))} µs`;
  return markdownTable([
    header,
    ...proofRows(counts),
    ["round trips to Redis for a page that only reads", number(theirs.trips), number(ours.trips)],
    ["processor time for its session", cost(theirs), cost(ours)],
  ]);
}

function proofRows({ "connect-redis": theirs, Holdfast: ours }) {
  return [
    [`updates lost, of ${number(ours.updates)} that overlap`, number(theirs.lost), number(ours.lost)],
    [`logged in again after the logout, of ${number(ours.logouts)}`, number(theirs.revived), number(ours.revived)],
  ];
}
