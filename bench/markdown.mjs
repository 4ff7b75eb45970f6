// A table in Markdown, its columns as wide as their cells. Pure.

export function markdownTable([header, ...body]) {
  const all = [header, ...body];
  const widths = header.map((_, column) => Math.max(3, ...all.map((row) => row[column].trim().length)));
  const line = (row) => `| ${row.map((cell, column) => cell.trim().padEnd(widths[column])).join(" | ")} |`;
  return [line(header), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body.map(line)];
}
