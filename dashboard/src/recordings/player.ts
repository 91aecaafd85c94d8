import type { XtermScreen } from "@/terminals/screen";
import { type CastEvent, sizeOf } from "./cast";
import { CastStream } from "./stream";
import { advance, type Pace } from "./timeline";

const AHEAD = 2 * 2 ** 20; // characters that are read ahead of what is shown
const TICK = 50; // milliseconds between two looks at the clock

export interface Playing {
  readonly state: "loading" | "playing" | "paused" | "ended" | "failed";
  /** Seconds since the session began. */
  readonly now: number;
  readonly error: unknown;
}

/** Plays a recording on a terminal. Its memory is what is read ahead; a place far away is asked of the hub. */
export class Player {
  playing: Playing = { state: "paused", now: 0, error: null };
  pace: Pace = { speed: 1, skipsIdle: true };
  private readonly watchers = new Set<() => void>();
  private queue: CastEvent[] = [];
  private ahead = 0;
  private base = 0;
  private complete = false;
  private reading = false;
  private stream: CastStream | null = null;
  private abort = new AbortController();
  private timer: number | undefined;
  private last = 0;

  constructor(
    private readonly screen: XtermScreen,
    private readonly url: (from: number) => string,
    private end: number,
  ) {}

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** The recording has grown. */
  until(end: number): void {
    this.end = end;
  }

  /** Show the moment, and play on from it if it is playing (or if `plays`). */
  async seek(second: number, plays = this.playing.state === "playing"): Promise<void> {
    this.still();
    this.abort.abort();
    this.stream?.close();
    const abort = new AbortController();
    this.abort = abort;
    [this.queue, this.ahead, this.complete, this.stream, this.reading] = [[], 0, false, null, false];
    this.base = Math.max(0, Math.min(second, this.end));
    this.become({ state: "loading", now: this.base, error: null });
    try {
      const stream = await CastStream.open(this.url(this.base), abort.signal);
      if (abort.signal.aborted) {
        stream.close();
        return;
      }
      this.stream = stream;
      this.screen.terminal.reset();
      await this.fill(abort.signal);
      if (abort.signal.aborted) return;
      if (stream.header) this.screen.resize(stream.header.cols, stream.header.rows);
      // Times are rounded on their way here: at the end everything is shown, also what comes a moment after it.
      const rest = this.base < this.end ? 0 : (this.queue.at(-1)?.at ?? 0);
      this.become({ state: "paused", now: this.base + rest, error: null });
      this.show();
      if (plays) this.play();
    } catch (error) {
      if (!abort.signal.aborted) this.become({ ...this.playing, state: "failed", error });
    }
  }

  play(): void {
    if (this.playing.state === "ended") void this.seek(0, true);
    if (this.playing.state !== "paused") return;
    this.become({ ...this.playing, state: "playing" });
    this.last = performance.now();
    this.timer = window.setInterval(() => this.tick(), TICK);
  }

  pause(): void {
    this.still();
    if (this.playing.state === "playing") this.become({ ...this.playing, state: "paused" });
  }

  dispose(): void {
    this.still();
    this.abort.abort();
    this.stream?.close();
    this.watchers.clear();
  }

  private still(): void {
    window.clearInterval(this.timer);
  }

  private tick(): void {
    const time = performance.now();
    const elapsed = (time - this.last) / 1_000;
    this.last = time;
    const next = this.queue[0];
    if (next === undefined && !this.complete) {
      void this.read();
      return;
    }
    const at = next === undefined ? null : this.base + next.at;
    const now = advance(this.playing.now, elapsed, at, this.pace, Math.max(this.end, at ?? 0));
    const over = this.complete && this.queue.length === 0;
    if (over) this.still();
    this.become({ ...this.playing, now: over ? Math.max(now, this.end) : now, state: over ? "ended" : "playing" });
    this.show();
  }

  /** Everything up to now is on the screen. */
  private show(): void {
    let count = 0;
    let text = "";
    for (const event of this.queue) {
      if (this.base + event.at > this.playing.now + 1e-6) break;
      count += 1;
      this.ahead -= event.text.length;
      if (event.code === "r") {
        const size = sizeOf(event.text);
        if (text !== "") this.screen.write(text);
        text = "";
        if (size) this.screen.resize(size.cols, size.rows);
      } else if (event.code === "o") text += event.text;
    }
    if (count > 0) this.queue.splice(0, count);
    if (text !== "") this.screen.write(text);
    void this.read();
  }

  private async read(): Promise<void> {
    if (this.reading || this.complete || this.ahead >= AHEAD) return;
    const { signal } = this.abort;
    this.reading = true;
    try {
      await this.fill(signal);
    } catch (error) {
      if (!signal.aborted) this.become({ ...this.playing, state: "failed", error });
    } finally {
      if (!signal.aborted) this.reading = false;
    }
  }

  /** Read ahead, as far as there is room. */
  private async fill(signal: AbortSignal): Promise<void> {
    while (this.stream && !this.complete && this.ahead < AHEAD && !signal.aborted) {
      const events = await this.stream.next();
      if (signal.aborted) return;
      if (events === null) this.complete = true;
      for (const event of events ?? []) {
        this.queue.push(event);
        this.ahead += event.text.length;
      }
    }
  }

  private become(playing: Playing): void {
    this.playing = playing;
    for (const watcher of this.watchers) watcher();
  }
}
