import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { type IMarker, Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import type { Screen, Size } from "./attachment";
import { COLOURS } from "./colours";
import { ORDINARY } from "./fitting";
import { previous } from "./prompts";

const TITLE = 120;
const MARKS = 2_000;
const FOUND = {
  matchOverviewRuler: "#f3bf5f",
  activeMatchColorOverviewRuler: "#5fd0b0",
  matchBackground: "#5a4a1c",
  activeMatchBackground: "#1f6f5c",
};

interface ScreenOptions {
  readonly letters?: number;
  readonly scrollback?: number;
  /** A link in the output was chosen; what to do with it is a person's decision. */
  readonly onLink?: (url: string) => void;
  readonly onTitle?: (title: string) => void;
}

/**
 * xterm.js as we use it. Output is hostile: it may not write the clipboard, its titles are text, its links open nothing,
 * and what it asks the terminal is answered only where somebody drives.
 */
export class XtermScreen implements Screen {
  readonly terminal: Terminal;
  private readonly fit = new FitAddon();
  private readonly finder = new SearchAddon({ highlightLimit: 500 });
  private marks: IMarker[] = [];

  constructor(host: HTMLElement, options: ScreenOptions = {}) {
    this.terminal = new Terminal({
      allowProposedApi: true, // unicode versions and search decorations
      cursorInactiveStyle: "outline",
      disableStdin: true,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono") || "monospace",
      fontSize: options.letters ?? ORDINARY,
      linkHandler: { activate: (_event, url) => options.onLink?.(url) },
      logLevel: "off",
      minimumContrastRatio: 3,
      scrollback: options.scrollback ?? 10_000,
      theme: COLOURS,
    });
    for (const addon of [this.fit, this.finder, new Unicode11Addon()]) this.terminal.loadAddon(addon);
    this.terminal.unicode.activeVersion = "11";
    this.terminal.parser.registerOscHandler(52, () => true);
    this.terminal.parser.registerOscHandler(133, (data) => this.marked(data));
    this.terminal.onTitleChange((title) => options.onTitle?.(readable(title)));
    this.terminal.open(host);
  }

  write(bytes: Uint8Array | string, done?: () => void): void {
    this.terminal.write(bytes, done);
  }

  /** In its turn: what was written before is drawn in the size it was made for. */
  resize(cols: number, rows: number): void {
    this.terminal.write("", () => this.terminal.resize(cols, rows));
  }

  /** How many columns and rows there is room for. */
  fits(): Size | null {
    const room = this.fit.proposeDimensions();
    if (!room || !Number.isFinite(room.cols) || !Number.isFinite(room.rows)) return null;
    return { cols: Math.min(1000, room.cols), rows: Math.min(1000, room.rows) };
  }

  get letters(): number {
    return this.terminal.options.fontSize ?? ORDINARY;
  }

  set letters(size: number) {
    if (size !== this.letters) this.terminal.options.fontSize = size;
  }

  set takesKeys(takes: boolean) {
    this.terminal.options.disableStdin = !takes;
    this.terminal.options.cursorBlink = takes && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  find(text: string, forward: boolean): void {
    if (text === "") this.finder.clearDecorations();
    else if (forward) this.finder.findNext(text, { decorations: FOUND });
    else this.finder.findPrevious(text, { decorations: FOUND });
  }

  onFound(tell: (at: number, of: number) => void): void {
    this.finder.onDidChangeResults(({ resultIndex, resultCount }) => tell(resultIndex, resultCount));
  }

  /** Scroll to the prompt before what is shown; by the shell's own marks, or by the line that `otherwise` quotes. */
  toPrompt(otherwise: string): boolean {
    this.marks = this.marks.filter((mark) => !mark.isDisposed);
    const line = previous(
      this.marks.map((mark) => mark.line),
      this.terminal.buffer.active.viewportY,
    );
    if (line !== null) this.terminal.scrollToLine(line);
    else if (otherwise !== "") return this.finder.findPrevious(otherwise);
    return line !== null;
  }

  dispose(): void {
    this.terminal.dispose();
  }

  private marked(data: string): boolean {
    if (!data.startsWith("A")) return false;
    const mark = this.terminal.registerMarker(0);
    if (mark) this.marks = [...this.marks.slice(-MARKS), mark];
    return false;
  }
}

function readable(title: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return title.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, "").slice(0, TITLE);
}
