import { useReactFlow } from "@xyflow/react";
import { useCallback, useLayoutEffect, useRef } from "react";
import { addNode, type Point } from "../definition/definition";
import { useEditor } from "./context";
import { cardsOf, NO_MARKS, WIDTH } from "./graph";
import { settled } from "./layout";

export const FIT = { padding: 0.15, maxZoom: 1.1 };
const STEP = { x: WIDTH + 120, y: 104 };

type Adding = (type: string, at?: Point) => void;

/** Adds a node; always the same function, so that who has it is not drawn anew with every edit. */
export function useAdding(): Adding {
  const add = useAddingNow();
  const latest = useRef(add);
  useLayoutEffect(() => {
    latest.current = add;
  });
  return useCallback((type, at) => latest.current(type, at), []);
}

/** Adds a node: where it was dropped, or else behind the one that is selected, connected to it. */
function useAddingNow(): Adding {
  const { definition, manifests, selected, select, edit } = useEditor();
  const flow = useReactFlow();
  return (type, at) => {
    const draft = settled(definition);
    const cards = cardsOf(draft, manifests, NO_MARKS);
    const before = cards.find((card) => selected.size === 1 && selected.has(card.id));
    const place = at ?? (before ? { x: before.position.x + STEP.x, y: before.position.y } : middle(flow));
    const handle = before?.data.outs[0];
    const starts = manifests.get(type)?.trigger;
    const after = at === undefined && before && handle !== undefined && !starts ? { id: before.id, handle } : null;
    const free =
      at ??
      unoccupied(
        place,
        cards.map((card) => card.position),
      );
    const added = addNode(draft, type, free, after);
    edit(() => added.definition);
    select([added.id]);
    requestAnimationFrame(() => requestAnimationFrame(() => bringIntoView(flow, free)));
  };
}

/** Show the whole graph where a node has come to lie outside of what is seen. */
function bringIntoView(flow: ReturnType<typeof useReactFlow>, place: Point): void {
  const box = document.querySelector(".react-flow")?.getBoundingClientRect();
  if (box === undefined) return;
  const [from, to] = [
    flow.flowToScreenPosition(place),
    flow.flowToScreenPosition({ x: place.x + WIDTH, y: place.y + 76 }),
  ];
  if (from.x < box.left || from.y < box.top || to.x > box.right || to.y > box.bottom) void flow.fitView(FIT);
}

function middle(flow: ReturnType<typeof useReactFlow>): Point {
  const box = document.querySelector(".react-flow")?.getBoundingClientRect();
  if (box === undefined) return { x: 40, y: 40 };
  return flow.screenToFlowPosition({ x: box.x + box.width / 3, y: box.y + box.height / 3 });
}

/** The place, or the next one below it where no other card lies. */
function unoccupied(place: Point, taken: readonly Point[]): Point {
  const lies = (it: Point, at: Point) => Math.abs(it.x - at.x) < WIDTH && Math.abs(it.y - at.y) < 80;
  let free = place;
  while (taken.some((it) => lies(it, free))) free = { x: free.x, y: free.y + STEP.y };
  return free;
}
