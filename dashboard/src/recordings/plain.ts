/** A line of output with what was looked for in it. */
export interface Hit {
  readonly at: number;
  readonly line: string;
}

const LINE = 400;
const UNFINISHED = 4_096;
// Sequences that a terminal obeys: CSI, OSC and other strings, charsets, single ones; then other control characters.
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[()*+][ -~]|\u001b[ -~]|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const BEGUN = /\u001b(?:\[[0-?]*[ -/]*|[\]PX^_][^\u0007\u001b]*\u001b?|[()*+]?)$/;

/** Looks for a text in output as people read it: without what moves the cursor and colours. Bounded, however long it is. */
export class Finder {
  private readonly wanted: string;
  private raw = "";
  private line = "";

  constructor(text: string) {
    this.wanted = text.toLowerCase();
  }

  feed(at: number, output: string): readonly Hit[] {
    const all = this.raw + output;
    const begun = BEGUN.exec(all);
    const cut = begun && all.length - begun.index < UNFINISHED ? begun.index : all.length;
    this.raw = all.slice(cut);
    const lines = (this.line + all.slice(0, cut).replace(SEQUENCES, "")).split(/\r\n|\n|\r/);
    this.line = (lines.pop() ?? "").slice(-UNFINISHED);
    return lines.filter((line) => this.has(line)).map((line) => this.hit(at, line));
  }

  /** What stands in the last line, which nothing has ended. */
  end(at: number): readonly Hit[] {
    return this.has(this.line) ? [this.hit(at, this.line)] : [];
  }

  private has(line: string): boolean {
    return this.wanted !== "" && line.toLowerCase().includes(this.wanted);
  }

  private hit(at: number, line: string): Hit {
    const place = Math.max(0, line.toLowerCase().indexOf(this.wanted) - LINE / 4);
    return { at, line: line.slice(place, place + LINE).trim() };
  }
}
