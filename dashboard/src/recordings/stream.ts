import { readProblem } from "@/api/problem";
import { type CastEvent, type CastHeader, CastReader } from "./cast";

/** A recording as it is read, piece by piece: no more is fetched than is asked for, so it may be of any length. */
export class CastStream {
  private readonly reader = new CastReader();
  private constructor(private readonly pieces: ReadableStreamDefaultReader<string>) {}

  /** Throws a Problem where the hub refuses. */
  static async open(url: string, signal: AbortSignal): Promise<CastStream> {
    const response = await fetch(url, { signal, credentials: "same-origin" });
    if (!response.ok || response.body === null) throw await readProblem(response);
    const decoded = response.body.pipeThrough(
      new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>,
    );
    return new CastStream(decoded.getReader());
  }

  get header(): CastHeader | null {
    return this.reader.header;
  }

  /** The next events; null when there are no more. */
  async next(): Promise<readonly CastEvent[] | null> {
    const { value, done } = await this.pieces.read();
    return done ? null : this.reader.feed(value);
  }

  close(): void {
    this.pieces.cancel().catch(() => {}); // it was aborted: nobody waits for the rest
  }
}
