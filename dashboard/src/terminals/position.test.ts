import { expect, test } from "vitest";
import { chance } from "@/ui/chance";
import { PAYLOAD_LIMIT } from "./frames";
import { Position } from "./position";

test("frames that are cut anyhow and come twice add up to the stream, each byte once", () => {
  const random = chance(21);
  for (let round = 0; round < 300; round++) {
    const stream = Array.from({ length: 200 }, () => Math.floor(random() * 256));
    const position = new Position();
    const seen: number[] = [];
    let sent = 0;
    while (sent < stream.length) {
      const start = random() < 0.3 ? Math.floor(random() * sent) : sent; // a reconnect goes back
      const end = Math.min(stream.length, Math.max(sent, start + Math.floor(random() * 60)));
      const { skip, lost } = position.output(start, end - start);
      expect(lost).toBe(0);
      seen.push(...stream.slice(start + skip, end));
      sent = end;
    }
    expect(seen).toEqual(stream);
    expect(position.received).toBe(stream.length);
  }
});

test("a gap is counted, by output and by snapshot, and what follows goes on from there", () => {
  const position = new Position();
  position.output(0, 10);
  expect(position.output(15, 5)).toEqual({ skip: 0, lost: 5 });
  expect(position.snapshot(50)).toEqual({ skip: 0, lost: 30 });
  expect(position.output(50, 1)).toEqual({ skip: 0, lost: 0 });
});

test("the first thing that comes says where the stream begins: nothing is lost before it", () => {
  expect(new Position().snapshot(2 ** 40)).toEqual({ skip: 0, lost: 0 });
  expect(new Position().output(2 ** 40, 3)).toEqual({ skip: 0, lost: 0 });
});

test("never more than a frame's worth is shown and not acknowledged, and at rest all of it is", () => {
  const random = chance(22);
  for (let round = 0; round < 100; round++) {
    const position = new Position();
    let told = 0;
    position.output(0, 1_000_000);
    for (let shown = 0; shown < 1_000_000; ) {
      shown = Math.min(1_000_000, shown + 1 + Math.floor(random() * 20_000));
      position.show(shown);
      const now = position.acknowledge();
      if (now !== null) {
        expect(now).toBe(shown);
        told = now;
      }
      expect(shown - told).toBeLessThan(PAYLOAD_LIMIT);
    }
    expect(told).toBe(1_000_000);
    expect(position.acknowledge()).toBeNull();
  }
});

test("a new connection is told anew, also where nothing came since", () => {
  const position = new Position();
  position.snapshot(40);
  position.show(40);
  expect(position.acknowledge()).toBe(40);
  position.startOver();
  expect(position.acknowledge()).toBe(40);
});

test("a snapshot at offset 0, of a session that has printed nothing, is acknowledged", () => {
  const position = new Position();
  position.snapshot(0);
  position.show(0);
  expect(position.acknowledge()).toBe(0);
});
