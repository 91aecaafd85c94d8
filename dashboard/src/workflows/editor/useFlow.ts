import type { NodeChange } from "@xyflow/react";
import { useCallback, useMemo, useState } from "react";
import { move, remove } from "../definition/definition";
import { useEditor } from "./context";
import { type AllFleeting, after, putDown } from "./fleeting";
import type { CardNode, Marks, WireEdge } from "./graph";
import { settled } from "./layout";
import { picturing } from "./picture";

/**
 * The draft as nodes and edges of the canvas. What a node measures, and where it is while it is dragged, is known here
 * alone; where it was put down is an edit of the draft.
 */
export function useFlow() {
  const { definition, manifests, problems, selected, edit } = useEditor();
  const [fleeting, setFleeting] = useState<AllFleeting>(new Map());
  const [draw] = useState(picturing);
  const marks = useMemo(() => counted(problems), [problems]);
  const { nodes, edges } = draw({ definition, manifests, marks, fleeting, selected });
  const take = useCallback(
    (changes: readonly NodeChange<CardNode>[]) => {
      setFleeting((before) => after(before, changes));
      const put = putDown(changes);
      if (put.size > 0) edit((draft) => move(settled(draft), put), `move ${[...put.keys()].join(" ")}`);
    },
    [edit],
  );
  const drop = useCallback(
    (gone: { nodes: readonly CardNode[]; edges: readonly WireEdge[] }) => {
      const keys = new Set([...gone.nodes, ...gone.edges].map((it) => it.id));
      edit((draft) => remove(draft, keys));
    },
    [edit],
  );
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
