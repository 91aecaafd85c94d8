import { PAYLOAD_LIMIT } from "./frames";

/** Bytes shown before the hub is told, while more waits to be shown; at rest it is told at once. */
const ACKNOWLEDGE_EVERY = PAYLOAD_LIMIT / 2;

/** What of a frame is new: bytes of it to pass over, and bytes before it that never came. */
export interface Taken {
  readonly skip: number;
  readonly lost: number;
}

/** Where one viewer stands in a session's output. Null: nothing has come yet. */
export class Position {
  received: number | null = null;
  shown: number | null = null;
  private acknowledged: number | null = null;

  /** Output that begins at `offset`: after a reconnect it may come again. */
  output(offset: number, length: number): Taken {
    const before = this.received ?? offset;
    if (offset > before) {
      this.received = offset + length;
      return { skip: 0, lost: offset - before };
    }
    const skip = Math.min(length, before - offset);
    this.received = before + length - skip;
    return { skip, lost: 0 };
  }

  /** A drawing of the screen as it is at `offset`: it stands in for whatever never came. */
  snapshot(offset: number): Taken {
    const lost = Math.max(0, offset - (this.received ?? offset));
    this.received = offset;
    return { skip: 0, lost };
  }

  /** Everything before `offset` is on the screen. */
  show(offset: number): void {
    this.shown = offset;
  }

  /** The offset that the hub should be told now; null if that can wait. */
  acknowledge(): number | null {
    if (this.shown === null || this.shown === this.acknowledged) return null;
    const ahead = this.shown - (this.acknowledged ?? 0);
    if (this.shown !== this.received && ahead >= 0 && ahead < ACKNOWLEDGE_EVERY) return null;
    this.acknowledged = this.shown;
    return this.shown;
  }

  /** A new connection knows nothing of what was acknowledged on the last one. */
  startOver(): void {
    this.acknowledged = null;
  }
}
