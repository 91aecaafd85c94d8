import { expect, test } from "vitest";
import { move } from "../definition/definition";
import { cardsOf, gateText, NO_MARKS, outsOf, wiresOf } from "./graph";
import { arranged, settled } from "./layout";

const DRAFT = {
  nodes: [
    { id: "a", type: "start" },
    { id: "b", type: "switch", parameters: { cases: { yes: 1, no: 0 } }, on_error: "branch" },
    { id: "c", type: "mystery" },
  ],
  edges: [
    { source: "a", target: "b" },
    { source: "b", target: "c", source_handle: "yes", condition: { field: "x", operator: "exists" } },
    { source: "b", target: "nobody" },
  ],
};
const MANIFESTS = new Map([
  [
    "switch",
    {
      type: "switch",
      handles: ["main", "default"],
      parameters: { properties: { cases: { type: "object", "x-handles": true } } },
    },
  ],
  ["start", { type: "start", trigger: "manual" }],
]);

test("cards and wires have the handles that types, cases and edges ask for", () => {
  const [a, b, c] = cardsOf(DRAFT, MANIFESTS, NO_MARKS);
  expect(a?.data).toMatchObject({ ins: [], outs: ["main"] });
  expect(b?.data).toMatchObject({ ins: ["main"], outs: ["main", "default", "yes", "no", "error"] });
  expect(c?.data).toMatchObject({ manifest: null, ins: ["main"], outs: ["main"] });
  expect(wiresOf(DRAFT).map((it) => [it.id, it.label])).toEqual([
    ["a.main→b.main", undefined],
    ["b.yes→c.main", "x exists"],
  ]);
});

test("placing nodes and drawing them again changes nothing else", () => {
  const placed = settled(DRAFT);
  const cards = cardsOf(placed, MANIFESTS, NO_MARKS);
  const again = move(placed, new Map(cards.map((card) => [card.id, card.position])));
  expect(JSON.stringify(again)).toBe(JSON.stringify(placed));
  expect(settled(placed)).toBe(placed);
});

test("nodes are laid out from left to right along their edges", () => {
  const places = arranged(DRAFT);
  const x = (key: string) => places.get(key)?.x ?? Number.NaN;
  expect(x("a")).toBeLessThan(x("b"));
  expect(x("b")).toBeLessThan(x("c"));
});

test("an edge says when it leads on", () => {
  expect(gateText({})).toBe("");
  expect(gateText({ otherwise: true })).toBe("otherwise");
  expect(outsOf({}, null, undefined)).toEqual(["main"]);
});
