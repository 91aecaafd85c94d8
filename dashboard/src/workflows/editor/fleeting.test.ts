import { expect, test } from "vitest";
import { after, putDown } from "./fleeting";

const at = (x: number) => ({ x, y: 0 });

test("a card is elsewhere while it is dragged, and of the draft again once it was put down", () => {
  const sized = after(new Map(), [{ type: "dimensions", id: "a", dimensions: { width: 9, height: 5 } }]);
  const dragged = after(sized, [{ type: "position", id: "a", position: at(7), dragging: true }]);
  expect(dragged.get("a")).toEqual({ measured: { width: 9, height: 5 }, position: at(7), dragging: true });
  const down = [{ type: "position", id: "a", position: at(8), dragging: false }] as const;
  expect(after(dragged, down).get("a")).toEqual({ measured: { width: 9, height: 5 } });
  expect([...putDown(down)]).toEqual([["a", at(8)]]);
  expect(putDown([{ type: "position", id: "a", position: at(7), dragging: true }]).size).toBe(0);
});

test("what is about something else changes nothing", () => {
  const before = new Map();
  expect(after(before, [{ type: "select", id: "a", selected: true }])).toBe(before);
});
