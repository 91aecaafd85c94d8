import type { SessionAttached, SessionEvent, SessionRefused } from "@/api/messages";
import type { Connection, Message } from "@/live/connection";
import type { Attachment } from "./attachment";
import { channelOf } from "./frames";

/** All sessions that are attached in this window, over its one connection: who a message and a frame are for. */
export class Desk {
  private readonly attachments = new Map<string, Attachment>();
  private ends: readonly (() => void)[] = [];
  private isOpen = false;

  constructor(private readonly connection: Connection) {}

  /** Attach; returns what ends it. A session is attached once: who comes later takes its place. */
  join(attachment: Attachment): () => void {
    if (this.attachments.size === 0) this.listen();
    this.attachments.set(attachment.sessionId, attachment);
    attachment.hold(document.hidden);
    if (this.isOpen) attachment.connected();
    return () => {
      if (this.attachments.get(attachment.sessionId) !== attachment) return;
      this.attachments.delete(attachment.sessionId);
      attachment.leave();
      if (this.attachments.size === 0) this.deafen();
    };
  }

  private listen(): void {
    this.isOpen = this.connection.state.name === "open";
    this.ends = [
      this.connection.onState(() => this.turned()),
      this.connection.onMessage((message) => this.heard(message)),
      this.connection.onFrame((data) => this.framed(data)),
    ];
    document.addEventListener("visibilitychange", this.seen);
  }

  private deafen(): void {
    for (const end of this.ends) end();
    this.ends = [];
    document.removeEventListener("visibilitychange", this.seen);
  }

  private readonly seen = () => {
    for (const attachment of this.attachments.values()) attachment.hold(document.hidden);
  };

  private turned(): void {
    const open = this.connection.state.name === "open";
    if (open === this.isOpen) return;
    this.isOpen = open;
    for (const attachment of this.attachments.values()) open ? attachment.connected() : attachment.disconnected();
  }

  private heard(message: Message): void {
    if (!isForTerminals(message)) return;
    this.attachments.get(message.session_id)?.heard(message);
  }

  private framed(data: ArrayBuffer): void {
    const channel = channelOf(data);
    if (channel === null) return;
    for (const attachment of this.attachments.values()) {
      if (attachment.channel === channel) {
        attachment.framed(data);
        return;
      }
    }
  }
}

type ForTerminals = SessionAttached | SessionEvent | SessionRefused;

const TYPES: ReadonlySet<string> = new Set<ForTerminals["type"]>([
  "session_attached",
  "session_event",
  "session_refused",
]);

function isForTerminals(message: object): message is ForTerminals {
  const { type, session_id } = message as Partial<ForTerminals>;
  return typeof type === "string" && TYPES.has(type) && typeof session_id === "string";
}

const desks = new WeakMap<Connection, Desk>();

export function deskOf(connection: Connection): Desk {
  let desk = desks.get(connection);
  if (desk === undefined) {
    desk = new Desk(connection);
    desks.set(connection, desk);
  }
  return desk;
}
