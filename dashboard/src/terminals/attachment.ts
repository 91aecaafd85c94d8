import type { FromViewer, SessionAttached, SessionEvent, SessionRefused } from "@/api/messages";
import { Kind, pack, pieces, unpack } from "./frames";
import { Position } from "./position";
import { attached, BEFORE, driven, ENDINGS, refused, resized, type Standing, say } from "./standing";

/** The connection, as far as an attachment needs it. Both say false when nothing can be said now. */
export interface Wire {
  send(message: FromViewer): boolean;
  sendFrame(frame: Uint8Array<ArrayBuffer>): boolean;
}

/** Where output is shown. `done` is called once it is: that is the back-pressure. */
export interface Screen {
  write(bytes: Uint8Array, done: () => void): void;
  resize(cols: number, rows: number): void;
}

/** Milliseconds in which typed keys may still have been on their way when a connection breaks. */
const UNSURE = 3_000;

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** One session in this window: what it prints goes to the screen in order, each byte once, also over lost connections. */
export class Attachment {
  standing: Standing = BEFORE;
  channel: number | null = null;
  private readonly position = new Position();
  private readonly watchers = new Set<() => void>();
  private wished: "view" | "drive" = "view";
  private size: Size | null = null;
  private typed = 0;
  private typedAt = Number.NEGATIVE_INFINITY;
  private held = false;
  private readonly encoder = new TextEncoder();

  /** `me`: the label of who is logged in here. */
  constructor(
    readonly sessionId: string,
    private readonly me: string,
    private readonly wire: Wire,
    private readonly screen: Screen,
    private readonly now: () => number = () => performance.now(),
  ) {}

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** The connection is there: go on after the last byte that came, or begin with a snapshot. */
  connected(): void {
    if (this.isOver) return;
    this.channel = null;
    this.position.startOver();
    this.ask();
  }

  disconnected(): void {
    this.channel = null;
    if (this.isOver) return;
    const now: Standing = { ...this.standing, phase: "offline" };
    const unsure = this.now() - this.typedAt < UNSURE;
    this.become(unsure ? say(now, "The connection is lost.", "What was typed last may not have arrived.") : now);
  }

  leave(): void {
    this.channel = null;
    this.wire.send({ type: "session_detach", session_id: this.sessionId });
  }

  // -- what a person does -------------------------------------------------------------

  /** Type; false, and a word about it, where that is not possible: nobody types blind. */
  type(text: string): boolean {
    return this.send(this.encoder.encode(text));
  }

  typeBytes(bytes: Uint8Array): boolean {
    return this.send(bytes);
  }

  take(size: Size): void {
    this.size = size;
    this.wished = "drive";
    if (!this.wire.send({ type: "session_take", session_id: this.sessionId, ...size })) this.refuseKeys();
  }

  /** Only watch from now on: attached anew, where the output has got to. */
  release(): void {
    this.wished = "view";
    this.ask();
  }

  /** This window has another size; the driver's is the session's. */
  resize(size: Size): void {
    this.size = size;
    const { mode, cols, rows } = this.standing;
    if (mode !== "drive" || this.channel === null || (cols === size.cols && rows === size.rows)) return;
    this.wire.send({ type: "session_resize", session_id: this.sessionId, ...size });
  }

  /** While nobody sees this page its timers crawl: acknowledge nothing, so that the program is not slowed down to that. */
  hold(held: boolean): void {
    this.held = held;
    this.acknowledge();
  }

  /** Say why nothing is typed. */
  refuseKeys(): void {
    this.become(refusedKeys(this.standing));
  }

  // -- what comes ---------------------------------------------------------------------

  heard(message: SessionAttached | SessionEvent | SessionRefused): void {
    if (message.type === "session_attached") this.attached(message);
    else if (message.type === "session_refused") this.refused(message);
    else this.happened(message);
  }

  framed(data: ArrayBuffer): void {
    const frame = unpack(data);
    if (frame === null || frame.channel !== this.channel) return;
    const { kind, offset, payload } = frame;
    if (kind !== Kind.OUTPUT && kind !== Kind.SNAPSHOT) return;
    const whole = kind === Kind.SNAPSHOT;
    const { skip, lost } = whole ? this.position.snapshot(offset) : this.position.output(offset, payload.length);
    if (lost > 0) this.become({ ...this.standing, missed: this.standing.missed + lost });
    const end = whole ? offset : offset + payload.length;
    if (skip < payload.length || whole) this.screen.write(payload.subarray(skip), () => this.shown(end));
  }

  private attached(message: SessionAttached): void {
    if (this.channel !== message.channel) this.typed = 0;
    this.channel = message.channel;
    this.become(attached(this.standing, message, this.wished));
    this.wished = message.mode;
    if (message.mode === "drive" && this.size) this.resize(this.size);
  }

  private refused(message: SessionRefused): void {
    this.become(refused(this.standing, message));
    if (this.standing.mode === "view") this.wished = "view";
  }

  private happened(message: SessionEvent): void {
    const details = typeof message.details === "object" && message.details !== null ? message.details : {};
    const facts = details as Readonly<Record<string, unknown>>;
    if (message.event === "driver") this.driven(typeof facts.driver === "string" ? facts.driver : null);
    else if (ENDINGS.has(message.event)) this.become({ ...this.standing, phase: "ended", mode: "view" });
    else this.become(resized(this.standing, facts));
  }

  /** Two windows of one person have one name: whether it is still this one, the hub says when asked for a size. */
  private driven(driver: string | null): void {
    this.become(driven(this.standing, driver, this.me));
    if (this.standing.mode === "view") this.wished = "view";
    if (this.standing.mode !== "drive" || driver === null) return;
    const { cols, rows } = this.standing;
    this.wire.send({ type: "session_resize", session_id: this.sessionId, cols, rows });
  }

  // -- parts --------------------------------------------------------------------------

  private get isOver(): boolean {
    return this.standing.phase === "ended" || this.standing.phase === "refused";
  }

  private ask(): void {
    const size = this.wished === "drive" && this.size ? this.size : {};
    const asked: FromViewer = {
      type: "session_attach",
      session_id: this.sessionId,
      mode: this.wished,
      offset: this.position.received,
      ...size,
    };
    this.wire.send(asked);
  }

  private send(bytes: Uint8Array): boolean {
    if (this.channel === null || this.standing.mode !== "drive" || this.standing.phase !== "live") {
      this.refuseKeys();
      return false;
    }
    for (const piece of pieces(bytes)) {
      if (!this.wire.sendFrame(pack(Kind.INPUT, this.channel, this.typed, piece))) {
        this.refuseKeys();
        return false;
      }
      this.typed += piece.length;
    }
    this.typedAt = this.now();
    if (this.standing.word !== null) this.become({ ...this.standing, word: null }); // it was read, and is no longer so
    return true;
  }

  private shown(offset: number): void {
    this.position.show(offset);
    this.acknowledge();
  }

  private acknowledge(): void {
    if (this.held || this.channel === null) return;
    const offset = this.position.acknowledge();
    if (offset !== null) this.wire.sendFrame(pack(Kind.ACK, this.channel, offset));
  }

  private become(standing: Standing): void {
    const before = this.standing;
    if (standing === before) return;
    this.standing = standing;
    if (standing.cols > 0 && (standing.cols !== before.cols || standing.rows !== before.rows)) {
      this.screen.resize(standing.cols, standing.rows);
    }
    for (const watcher of this.watchers) watcher();
  }
}

function refusedKeys(it: Standing): Standing {
  if (it.phase === "ended") return say(it, "The session has ended: nothing was typed.");
  if (it.phase !== "live")
    return say(it, "Not connected: nothing was typed.", "It goes on as soon as the hub answers.");
  return say(it, "You only watch: nothing was typed.", "Take control to type.");
}
