/** The lines that `holdfast doctor` prints. Pure. */
import { styleText } from "node:util";
import { checkIds, type Finding, type Level } from "../../ops/doctor/finding.js";
import { visible } from "../../ops/visible.js";
import { isColored } from "../colors.js";
import { count } from "../words.js";

/** Colors a level's name, or leaves it as it is. */
type Style = (level: Level, text: string) => string;

const colors = { ok: "green", warning: "yellow", bad: "red", skipped: "gray" } as const;
const levels = ["bad", "warning", "ok", "skipped"] as const;
const width = Math.max(...checkIds.map((id) => id.length)) + 2;
/** Under what was found. */
const indent = " ".repeat("skipped  ".length + width);

/** Colors only on a terminal, and not with NO_COLOR. */
export function styleFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Style {
  const colored = isColored(stream, env);
  return (level, text) => (colored ? styleText(colors[level], text) : text);
}

/** One line, and below it why it matters and what mends it: each command on a line of its own, to be copied whole. */
export function findingLines(finding: Finding, style: Style): string[] {
  const { check, level, found, why, remedy, commands = [], nodes } = finding;
  const where = nodes === undefined ? "" : `${nodes.join(", ")}: `;
  return [
    `${style(level, level.padEnd(9))}${check.padEnd(width)}${visible(where + found)}`,
    ...(why === undefined ? [] : [indent + why]),
    ...(remedy === undefined ? [] : [`${indent}→ ${remedy}`]),
    ...commands.map((command) => `${indent}  ${command}`),
  ];
}

/** `1 bad, 3 warnings, 24 ok, 1 skipped`, and where commands go. */
export function summaryLines(findings: readonly Finding[]): string[] {
  const parts = levels.flatMap((level) => {
    const number = findings.filter((finding) => finding.level === level).length;
    if (number === 0) return [];
    return level === "warning" ? [count(number, "warning", "warnings")] : [`${number} ${level}`];
  });
  const hasCommands = findings.some(({ commands }) => commands?.some((command) => /^[A-Z]+ /.test(command)));
  return [
    `${parts.join(", ")}. What each check means: docs/doctor.md`,
    ...(hasCommands ? ["Commands in capitals are for redis-cli, connected to the server that the line is about."] : []),
  ];
}
