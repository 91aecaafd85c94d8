import { expect, test } from "vitest";
import { chance } from "@/ui/chance";
import { channelOf, HEADER, Kind, pack, pieces, unpack } from "./frames";

test("a frame looks on the wire as the protocol says", () => {
  const frame = pack(Kind.INPUT, 7, 258, new Uint8Array([104, 105]));
  expect([...frame]).toEqual([2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 1, 2, 104, 105]);
});

test("what is packed is unpacked, whatever it is, up to the last offset a number can hold", () => {
  const random = chance(11);
  const offsets = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 48 + 5, Number.MAX_SAFE_INTEGER];
  for (let round = 0; round < 500; round++) {
    const offset = offsets[round] ?? Math.floor(random() * Number.MAX_SAFE_INTEGER);
    const channel = Math.floor(random() * 2 ** 32);
    const payload = Uint8Array.from({ length: Math.floor(random() * 40) }, () => random() * 256);
    const data = pack(Kind.OUTPUT, channel, offset, payload).buffer;
    expect(unpack(data)).toEqual({ kind: Kind.OUTPUT, channel, offset, payload });
    expect(channelOf(data)).toBe(channel);
  }
});

test("what is too short, or counts beyond a number, is no frame", () => {
  for (let length = 0; length < HEADER; length++) {
    expect(unpack(new ArrayBuffer(length))).toBeNull();
    expect(channelOf(new ArrayBuffer(length))).toBeNull();
  }
  const far = new DataView(new ArrayBuffer(HEADER));
  far.setUint8(0, Kind.OUTPUT);
  far.setBigUint64(5, 1n << 53n);
  expect(unpack(far.buffer)).toBeNull();
  far.setBigUint64(5, (1n << 64n) - 1n);
  expect(unpack(far.buffer)).toBeNull();
});

test("pieces are all of it, in order, none above the limit", () => {
  const random = chance(12);
  for (let round = 0; round < 100; round++) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 100) }, () => random() * 256);
    const limit = 1 + Math.floor(random() * 20);
    const cut = [...pieces(bytes, limit)];
    expect(cut.flatMap((piece) => [...piece])).toEqual([...bytes]);
    expect(cut.every((piece) => piece.length > 0 && piece.length <= limit)).toBe(true);
  }
});
