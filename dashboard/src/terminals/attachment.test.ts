import { expect, test } from "vitest";
import type { FromViewer } from "@/api/messages";
import { chance } from "@/ui/chance";
import { Attachment } from "./attachment";
import { Kind, pack, unpack } from "./frames";

const SIZE = { cols: 80, rows: 24 };

/** A hub that remembers what it was told, and a screen that shows when it is let. */
function stage() {
  const said: FromViewer[] = [];
  const frames: { kind: number; offset: number; text: string }[] = [];
  const waiting: (() => void)[] = [];
  const world = { up: true, text: "", size: "", time: 0, said, frames, waiting };
  const wire = {
    send: (message: FromViewer) => world.up && said.push(message) > 0,
    sendFrame: (data: Uint8Array<ArrayBuffer>) => {
      const frame = unpack(data.buffer);
      if (!world.up || frame === null) return false;
      frames.push({ kind: frame.kind, offset: frame.offset, text: new TextDecoder().decode(frame.payload) });
      return true;
    },
  };
  const screen = {
    write: (bytes: Uint8Array, done: () => void) => {
      world.text += new TextDecoder().decode(bytes);
      waiting.push(done);
    },
    resize: (cols: number, rows: number) => {
      world.size = `${cols}x${rows}`;
    },
  };
  const it = new Attachment("s", "user:me@x", wire, screen, () => world.time);
  it.connected();
  const show = () => {
    for (const done of waiting.splice(0)) done();
  };
  return { it, world, show };
}

const attachedAs = (mode: "view" | "drive", channel = 5) =>
  ({ type: "session_attached", session_id: "s", channel, mode, ...SIZE }) as const;
const output = (offset: number, text: string, channel = 5) =>
  pack(Kind.OUTPUT, channel, offset, new TextEncoder().encode(text)).buffer;
const event = (name: string, details: object = {}) =>
  ({ type: "session_event", session_id: "s", event: name, details }) as const;

test("it begins with a snapshot, and goes on after the last byte when the connection was lost", () => {
  const { it, world, show } = stage();
  expect(world.said[0]).toMatchObject({ type: "session_attach", mode: "view", offset: null });
  it.heard(attachedAs("view"));
  it.framed(pack(Kind.SNAPSHOT, 5, 100, new TextEncoder().encode("screen")).buffer);
  it.framed(output(100, " more"));
  show();
  it.disconnected();
  expect(it.standing.phase).toBe("offline");
  it.connected();
  expect(world.said[1]).toMatchObject({ offset: 105 });
  it.heard(attachedAs("view", 9));
  it.framed(output(103, "re, again", 9));
  expect(world.text).toBe("screen more, again");
  expect(it.standing.missed).toBe(0);
});

test("frames before the answer, of other channels, and of kinds that are not for viewers are nobody's", () => {
  const { it, world } = stage();
  it.framed(output(0, "early"));
  it.heard(attachedAs("view"));
  it.framed(output(0, "other", 6));
  it.framed(pack(Kind.INPUT, 5, 0, new Uint8Array(3)).buffer);
  it.framed(new ArrayBuffer(4));
  expect(world.text).toBe("");
});

test("nothing is acknowledged before it is shown, and nothing while nobody looks", () => {
  const { it, world, show } = stage();
  it.heard(attachedAs("view"));
  it.framed(output(0, "abc"));
  expect(world.frames).toEqual([]);
  it.hold(true);
  show();
  expect(world.frames).toEqual([]);
  it.hold(false);
  expect(world.frames).toEqual([{ kind: Kind.ACK, offset: 3, text: "" }]);
});

test("who only watches types nothing and is told so", () => {
  const { it, world } = stage();
  it.heard(attachedAs("view"));
  expect(it.type("x")).toBe(false);
  expect(world.frames).toEqual([]);
  expect(it.standing.word?.text).toContain("only watch");
  it.take(SIZE);
  it.heard(attachedAs("drive"));
  expect(it.standing.word).toBeNull();
});

test("who drives types, with offsets that count what was typed before", () => {
  const { it, world } = stage();
  it.heard(attachedAs("view"));
  it.take(SIZE);
  expect(world.said.at(-1)).toEqual({ type: "session_take", session_id: "s", ...SIZE });
  it.heard(attachedAs("drive"));
  it.type("é");
  it.type("x".repeat(70_000));
  expect(world.frames.map((frame) => [frame.kind, frame.offset, frame.text.length])).toEqual([
    [Kind.INPUT, 0, 1],
    [Kind.INPUT, 2, 65_536],
    [Kind.INPUT, 65_538, 4_464],
  ]);
});

test("a driver who was away drives again, unless somebody else does; that is said", () => {
  const { it, world } = stage();
  it.heard(attachedAs("view"));
  it.take(SIZE);
  it.heard(attachedAs("drive"));
  it.type("x");
  world.up = false;
  it.disconnected();
  expect(it.standing.word?.hint).toContain("may not have arrived");
  expect(it.type("lost")).toBe(false);
  expect(it.standing.word?.text).toContain("nothing was typed");
  world.up = true;
  it.connected();
  expect(world.said.at(-1)).toMatchObject({ type: "session_attach", mode: "drive", ...SIZE });
  it.heard(attachedAs("view", 7));
  expect(it.standing.mode).toBe("view");
  expect(it.standing.word?.text).toContain("took control");
});

test("control that another person takes is lost at once", () => {
  const { it, world } = stage();
  it.heard(attachedAs("drive"));
  it.heard(event("driver", { driver: "user:you@x" }));
  expect(it.standing).toMatchObject({ mode: "view", driver: "user:you@x" });
  expect(it.standing.word?.text).toContain("you@x has taken control");
  expect(it.type("x")).toBe(false);
  expect(world.frames).toEqual([]);
});

test("for another window of the same person the hub is asked: a refused size tells", () => {
  const { it, world } = stage();
  it.heard(attachedAs("drive"));
  it.heard(event("driver", { driver: "user:me@x" }));
  expect(world.said.at(-1)).toEqual({ type: "session_resize", session_id: "s", ...SIZE });
  expect(it.standing.mode).toBe("drive");
  it.heard({ type: "session_refused", session_id: "s", code: "not_driving", detail: "user:me@x drives demo" });
  expect(it.standing.mode).toBe("view");
});

test("the size is the driver's: it comes with the answer and with events, nonsense does not", () => {
  const { it, world } = stage();
  it.heard(attachedAs("view"));
  expect(world.size).toBe("80x24");
  it.heard(event("resized", { cols: 100, rows: 30 }));
  expect(world.size).toBe("100x30");
  it.heard(event("resized", { cols: 1e9, rows: -1 }));
  it.resize({ cols: 10, rows: 10 });
  expect(world.size).toBe("100x30");
  expect(world.said).toHaveLength(1);
});

test("the end is the end: nothing is asked again", () => {
  const { it, world } = stage();
  it.heard(attachedAs("drive"));
  it.heard(event("closed", { exit_code: 0 }));
  it.disconnected();
  it.connected();
  expect(it.standing.phase).toBe("ended");
  expect(world.said).toHaveLength(1);
});

test("whatever breaks when, each byte is on the screen once and in order", () => {
  const random = chance(31);
  for (let round = 0; round < 60; round++) {
    const { it, world, show } = stage();
    const stream = Array.from({ length: 400 }, (_, at) => String.fromCharCode(33 + ((at * 7) % 90))).join("");
    it.heard(attachedAs("view", 1));
    let [channel, sent] = [1, 0];
    while (world.text.length < stream.length) {
      if (random() < 0.15) {
        it.disconnected();
        it.connected();
        const asked = world.said.at(-1);
        channel += 1;
        it.heard(attachedAs("view", channel));
        sent = (asked?.type === "session_attach" && asked.offset) || 0;
      }
      const end = Math.min(stream.length, sent + Math.floor(random() * 50));
      it.framed(output(sent, stream.slice(sent, end), channel));
      sent = end;
      if (random() < 0.5) show();
    }
    expect(world.text).toBe(stream);
    expect(it.standing.missed).toBe(0);
  }
});
