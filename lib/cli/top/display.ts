/** Where the views go: the whole terminal, blocks of text, or lines of JSON. */
import { visibleJson } from "../../ops/visible.js";
import { isColored } from "../colors.js";
import type { Lines } from "../sessions/lines.js";
import { muteWarnings } from "../warnings.js";
import type { ColumnName } from "./columns.js";
import { inJson } from "./in-json.js";
import { page, problemPage, unlimited, type Size } from "./page.js";
import { Screen, sizeOf } from "./screen.js";
import { textOf } from "./spans.js";
import type { Shown } from "./view.js";

export interface Display {
  /** Somebody is watching, and what was shown is replaced. */
  readonly isScreen: boolean;
  show(shown: Shown): Promise<void> | void;
  /** May be called twice. */
  close(): void;
}

interface DisplayOptions {
  readonly sort: ColumnName;
  readonly once?: boolean | undefined;
  readonly json?: boolean | undefined;
}

export function openDisplay({ sort, once, json: isJson }: DisplayOptions, lines: Lines, onQuit: () => void): Display {
  if (isJson) return printer(lines, (shown) => [visibleJson(inJson(shown, sort))]);
  const { stdout } = process;
  if (lines.isTerminal && !once && process.env["TERM"] !== "dumb") return fullScreen(sort, onQuit);
  const colored = isColored(stdout);
  const size = lines.isTerminal ? { width: sizeOf(stdout).width, height: Infinity } : unlimited;
  let isFirst = true;
  return printer(lines, (shown) => {
    const block = shown.problem ? problemPage(shown) : page(shown, { ...size, sort });
    const texts = block.map((line) => textOf(line, colored));
    const apart = isFirst ? [] : [""];
    isFirst = false;
    return [...apart, ...texts];
  });
}

function printer(lines: Lines, textsOf: (shown: Shown) => string[]): Display {
  return {
    isScreen: false,
    async show(shown) {
      for (const text of textsOf(shown)) await lines.add(text);
      await lines.flush();
    },
    close() {},
  };
}

function fullScreen(sort: ColumnName, onQuit: () => void): Display {
  const colored = isColored(process.stdout);
  const screen = new Screen(process.stdout, process.stdin, {
    onQuit,
    onInterrupt: () => void process.kill(process.pid, "SIGINT"),
    onSuspend: () => void process.kill(0, "SIGTSTP"), // all of the job, as the terminal would: npx is part of it
  });
  const unmute = process.stderr.isTTY ? muteWarnings() : () => {};
  return {
    isScreen: true,
    show(shown) {
      const draw = (size: Size) => page(shown, { ...size, sort, hint: "q quits" }).map((line) => textOf(line, colored));
      screen.show(draw);
    },
    close() {
      screen.close();
      unmute();
    },
  };
}
