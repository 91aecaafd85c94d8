/** Binary frames, as protocol/corral_protocol/frames.py says: kind (1 byte), channel (4), offset (8), then the payload. */
export const HEADER = 13;
export const PAYLOAD_LIMIT = 1 << 16;
export const Kind = { OUTPUT: 1, INPUT: 2, ACK: 3, SNAPSHOT: 4 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

export interface Frame {
  readonly kind: number;
  readonly channel: number;
  /** Counts bytes of a session's output from 0. Beyond 2^53 a number is none; at 1 GB/s that is a hundred days away. */
  readonly offset: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** The channel a frame is for; null where it has no whole header. */
export function channelOf(data: ArrayBuffer): number | null {
  return data.byteLength < HEADER ? null : new DataView(data).getUint32(1);
}

/** The frame in these bytes; null for what is none, or has an offset that cannot be counted with. */
export function unpack(data: ArrayBuffer): Frame | null {
  if (data.byteLength < HEADER) return null;
  const view = new DataView(data);
  const offset = view.getBigUint64(5);
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return {
    kind: view.getUint8(0),
    channel: view.getUint32(1),
    offset: Number(offset),
    payload: new Uint8Array(data, HEADER),
  };
}

export function pack(kind: Kind, channel: number, offset: number, payload?: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER + (payload?.length ?? 0));
  const view = new DataView(frame.buffer);
  view.setUint8(0, kind);
  view.setUint32(1, channel);
  view.setBigUint64(5, BigInt(offset));
  if (payload) frame.set(payload, HEADER);
  return frame;
}

/** Typed bytes in pieces that a frame may carry. */
export function* pieces(bytes: Uint8Array, limit: number = PAYLOAD_LIMIT): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += limit) yield bytes.subarray(at, at + limit);
}
