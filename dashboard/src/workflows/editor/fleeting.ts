import type { NodeChange } from "@xyflow/react";
import type { Point } from "../definition/definition";
import type { CardNode } from "./graph";

/** What is known of a card here alone: how large it is, and where it is while it is dragged. */
export type Fleeting = Pick<CardNode, "measured"> & { readonly position?: Point; readonly dragging?: boolean };
export type AllFleeting = ReadonlyMap<string, Fleeting>;

/** What is known after the canvas has told of changes; the very same where none of them is about that. */
export function after(before: AllFleeting, changes: readonly NodeChange<CardNode>[]): AllFleeting {
  const next = new Map(before);
  for (const change of changes) {
    if (change.type === "dimensions" && change.dimensions)
      next.set(change.id, { ...next.get(change.id), measured: change.dimensions });
    if (change.type !== "position" || !change.position) continue;
    const { position: _position, dragging: _dragging, ...rest } = next.get(change.id) ?? {};
    next.set(change.id, change.dragging ? { ...rest, position: change.position, dragging: true } : rest);
  }
  return changes.some((it) => it.type === "dimensions" || it.type === "position") ? next : before;
}

/** Where cards were put down. */
export function putDown(changes: readonly NodeChange<CardNode>[]): ReadonlyMap<string, Point> {
  const found = changes.flatMap((it) =>
    it.type === "position" && it.position && !it.dragging ? [[it.id, it.position] as const] : [],
  );
  return new Map(found);
}
