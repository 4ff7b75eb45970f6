/** Whether a stream may get colors: it is a terminal that has them, and the user has nothing against them. Pure. */
export function isColored(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(stream.isTTY) && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}
