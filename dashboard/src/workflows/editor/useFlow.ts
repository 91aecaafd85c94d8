import type { NodeChange } from "@xyflow/react";
import { useMemo, useState } from "react";
import { move, type Point, remove } from "../definition/definition";
import { useEditor } from "./context";
import { type CardNode, cardsOf, type Marks, WIDTH, type WireEdge, wiresOf } from "./graph";
import { settled } from "./layout";

/** Of more nodes than these only those that are seen are drawn; how large the others are is guessed. */
export const MANY = 200;

type Fleeting = Pick<CardNode, "measured"> & { readonly position?: Point; readonly dragging?: boolean };

/**
 * The draft as nodes and edges of the canvas. What a node measures, and where it is while it is dragged, is known here
 * alone; where it was put down is an edit of the draft.
 */
export function useFlow() {
  const { definition, manifests, problems, selected, edit } = useEditor();
  const [fleeting, setFleeting] = useState<ReadonlyMap<string, Fleeting>>(new Map());
  const marks = useMemo(() => counted(problems), [problems]);
  const placed = useMemo(() => settled(definition), [definition]);
  const cards = useMemo(() => cardsOf(placed, manifests, marks), [placed, manifests, marks]);
  const nodes = useMemo(() => {
    const guess = cards.length > MANY ? { measured: { width: WIDTH, height: 58 } } : {};
    return cards.map(
      (card): CardNode => ({ ...card, ...guess, ...fleeting.get(card.id), selected: selected.has(card.id) }),
    );
  }, [cards, fleeting, selected]);
  const edges = useMemo(
    () =>
      wiresOf(placed).map((wire): WireEdge => {
        const className = wire.data?.part ? "part" : "";
        return { ...wire, className, selected: selected.has(wire.id), interactionWidth: 24 };
      }),
    [placed, selected],
  );

  function take(changes: readonly NodeChange<CardNode>[]) {
    const next = new Map(fleeting);
    const put = new Map<string, Point>();
    for (const change of changes) {
      if (change.type === "dimensions" && change.dimensions)
        next.set(change.id, { ...next.get(change.id), measured: change.dimensions });
      if (change.type !== "position" || !change.position) continue;
      const { position: _position, dragging: _dragging, ...rest } = next.get(change.id) ?? {};
      if (change.dragging) next.set(change.id, { ...rest, position: change.position, dragging: true });
      else {
        next.set(change.id, rest);
        put.set(change.id, change.position);
      }
    }
    setFleeting(next);
    if (put.size > 0) edit((draft) => move(settled(draft), put), `move ${[...put.keys()].join(" ")}`);
  }

  function drop(gone: { nodes: readonly CardNode[]; edges: readonly WireEdge[] }) {
    const keys = new Set([...gone.nodes, ...gone.edges].map((it) => it.id));
    edit((draft) => remove(draft, keys));
  }

  return { nodes, edges, take, drop };
}

function counted(problems: ReturnType<typeof useEditor>["problems"]): Marks {
  const [errors, warnings] = [new Map<string, number>(), new Map<string, number>()];
  for (const { place, warning } of problems) {
    if (place.of !== "node") continue;
    const counts = warning ? warnings : errors;
    counts.set(place.key, (counts.get(place.key) ?? 0) + 1);
  }
  return { errors, warnings, changes: new Map() };
}
