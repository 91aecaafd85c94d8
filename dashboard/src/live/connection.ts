import { backoff } from "./backoff";

/** Anything the hub says in a text frame: told apart by `type`. */
export interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type LiveState =
  | { readonly name: "idle" }
  | { readonly name: "connecting"; readonly attempt: number }
  | { readonly name: "open"; readonly since: number }
  | { readonly name: "waiting"; readonly until: number; readonly attempt: number }
  | { readonly name: "refused" };

type Hear = (message: Message) => void;
type Frame = (frame: ArrayBuffer) => void;

/**
 * The one connection to `/ws/dashboard`. It connects again by itself; after each new beginning `onFresh` is told, because
 * what was said in between was missed and has to be read again.
 */
export class Connection {
  state: LiveState = { name: "idle" };
  private socket: WebSocket | null = null;
  private timer: number | undefined;
  private attempt = 0;
  private greeting: Record<string, unknown> = {};
  private readonly watchers = new Set<() => void>();
  private readonly ears = new Set<Hear>();
  private readonly takers = new Set<Frame>();
  private readonly fresh = new Set<() => void>();

  constructor(private readonly url: string) {}

  start(): void {
    if (this.state.name === "idle" || this.state.name === "refused") this.connect();
  }

  stop(): void {
    window.clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
    this.attempt = 0;
    this.become({ name: "idle" });
  }

  /** Try at once instead of waiting: the network is back, or somebody asked for it. */
  hurry(): void {
    if (this.state.name !== "waiting") return;
    window.clearTimeout(this.timer);
    this.connect();
  }

  /** Say a message; false when there is no connection now. */
  send(message: object): boolean {
    if (this.state.name !== "open") return false;
    this.socket?.send(JSON.stringify(message));
    return true;
  }

  sendFrame(frame: Uint8Array<ArrayBuffer>): boolean {
    if (this.state.name !== "open") return false;
    this.socket?.send(frame);
    return true;
  }

  onState(watcher: () => void): () => void {
    return added(this.watchers, watcher);
  }

  onMessage(hear: Hear): () => void {
    return added(this.ears, hear);
  }

  onFrame(take: Frame): () => void {
    return added(this.takers, take);
  }

  /** Called whenever a connection begins (or facts were dropped): read again what is shown. */
  onFresh(listener: () => void): () => void {
    return added(this.fresh, listener);
  }

  private connect(): void {
    this.attempt += 1;
    this.become({ name: "connecting", attempt: this.attempt });
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "auth", cookie: true, binary: true, ...this.greeting }));
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (this.socket === socket) this.take(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.lose(event.code);
    };
  }

  private take(data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      for (const take of this.takers) take(data);
      return;
    }
    const message = JSON.parse(data) as Message;
    if (message.type === "auth_ok") {
      this.attempt = 0;
      this.become({ name: "open", since: Date.now() });
    }
    if (message.type === "auth_ok" || message.type === "resync") for (const listener of this.fresh) listener();
    for (const hear of this.ears) hear(message);
  }

  private lose(code: number): void {
    this.socket = null;
    if (code === REFUSED) {
      this.become({ name: "refused" });
      return;
    }
    const wait = backoff(this.attempt, Math.random());
    this.become({ name: "waiting", until: Date.now() + wait, attempt: this.attempt });
    this.timer = window.setTimeout(() => this.connect(), wait);
  }

  private become(state: LiveState): void {
    this.state = state;
    for (const watcher of this.watchers) watcher();
  }
}

const REFUSED = 4401;

function added<T>(set: Set<T>, member: T): () => void {
  set.add(member);
  return () => void set.delete(member);
}
