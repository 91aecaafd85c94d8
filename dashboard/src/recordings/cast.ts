/** One event of an asciicast v2 file: at which second, of what kind (o: output, r: a new size, m: a mark), what. */
export interface CastEvent {
  readonly at: number;
  readonly code: string;
  readonly text: string;
}

export interface CastHeader {
  readonly cols: number;
  readonly rows: number;
}

const LONGEST = 64 * 2 ** 20;

/** Reads asciicast as it comes, however it is cut. Lines end with a line feed and with nothing else. */
export class CastReader {
  header: CastHeader | null = null;
  private rest = "";

  /** The events that this piece completes. Throws an Error for what is no recording. */
  feed(piece: string): readonly CastEvent[] {
    const lines = (this.rest + piece).split("\n");
    this.rest = lines.pop() ?? "";
    if (this.rest.length > LONGEST) throw new Error("a line of the recording has no end");
    return lines.flatMap((line) => this.line(line));
  }

  private line(line: string): readonly CastEvent[] {
    if (line.trim() === "") return [];
    const said: unknown = JSON.parse(line);
    if (this.header === null) {
      this.header = readHeader(said);
      return [];
    }
    const event = readEvent(said);
    return event === null ? [] : [event];
  }
}

function readHeader(said: unknown): CastHeader {
  const { version, width, height } = (said ?? {}) as Readonly<Record<string, unknown>>;
  if (version !== 2) throw new Error("this is no asciicast of version 2");
  return { cols: side(width) ?? 80, rows: side(height) ?? 24 };
}

function readEvent(said: unknown): CastEvent | null {
  if (!Array.isArray(said)) return null;
  const [at, code, text]: readonly unknown[] = said;
  if (typeof at !== "number" || !Number.isFinite(at) || typeof code !== "string" || typeof text !== "string")
    return null;
  return { at, code, text };
}

/** The size that an event of kind r says. */
export function sizeOf(text: string): CastHeader | null {
  const [cols, rows] = text.split("x").map((word) => side(Number(word)));
  return cols && rows ? { cols, rows } : null;
}

function side(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 1000 ? value : null;
}
