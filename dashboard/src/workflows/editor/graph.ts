import type { Edge, Node } from "@xyflow/react";
import { conditionText } from "../definition/condition";
import { type Definition, edgesOf, endsOf, type Item, nameOf, nodesOf, type Point } from "../definition/definition";
import type { Change } from "../definition/diff";
import { isObject, type JsonObject, same, textOf } from "../definition/json";
import type { Manifest } from "../shapes";

/** What a node's card shows, and nothing that it does not show: what changes in a node but not here draws no card. */
export interface CardData extends Record<string, unknown> {
  readonly title: string;
  readonly type: string;
  readonly manifest: Manifest | null;
  readonly ins: readonly string[];
  readonly outs: readonly string[];
  readonly errors: number;
  readonly warnings: number;
  readonly change: Change | null;
  readonly off: boolean;
  readonly pinned: boolean;
}

export type CardNode = Node<CardData, "card">;
export type WireEdge = Edge<{ part: boolean; change: Change | null }>;

export interface Marks {
  readonly errors: ReadonlyMap<string, number>;
  readonly warnings: ReadonlyMap<string, number>;
  readonly changes: ReadonlyMap<string, Change>;
}

export const NO_MARKS: Marks = { errors: new Map(), warnings: new Map(), changes: new Map() };
export const WIDTH = 208;
const GAP = { x: 328, y: 128 };

/** The nodes of a definition as cards on the canvas. */
export function cardsOf(
  definition: Definition,
  manifests: ReadonlyMap<string, Manifest>,
  marks: Marks,
): readonly CardNode[] {
  const edges = edgesOf(definition).map((item) => endsOf(item.value));
  const used = { ins: new Map<string, Set<string>>(), outs: new Map<string, Set<string>>() };
  for (const edge of edges) {
    noted(used.outs, edge.source, edge.source_handle);
    noted(used.ins, edge.target, edge.target_handle);
  }
  return nodesOf(definition).map((item): CardNode => {
    const type = textOf(item.value.type);
    const manifest = manifests.get(type) ?? null;
    return {
      id: item.key,
      type: "card",
      position: positionOf(item),
      ariaLabel: `${nameOf(item.value)}, ${manifest?.title || type || "no type"}`,
      data: {
        title: nameOf(item.value),
        type,
        manifest,
        ins: insOf(manifest, used.ins.get(item.key)),
        outs: outsOf(item.value, manifest, used.outs.get(item.key)),
        errors: marks.errors.get(item.key) ?? 0,
        warnings: marks.warnings.get(item.key) ?? 0,
        change: marks.changes.get(item.key) ?? null,
        off: item.value.disabled === true,
        pinned: item.value.pinned !== undefined && item.value.pinned !== null,
      },
    };
  });
}

/** The edges of a definition between those cards; what leads nowhere is told as a problem, not drawn. */
export function wiresOf(definition: Definition, marks: Marks = NO_MARKS): readonly WireEdge[] {
  const keys = new Set(nodesOf(definition).map((item) => item.key));
  return edgesOf(definition).flatMap(({ key, value }): WireEdge[] => {
    const ends = endsOf(value);
    if (!keys.has(ends.source) || !keys.has(ends.target)) return [];
    const label = gateText(value);
    return [
      {
        id: key,
        source: ends.source,
        target: ends.target,
        sourceHandle: ends.source_handle,
        targetHandle: ends.target_handle,
        ariaLabel: `Edge from ${ends.source} to ${ends.target}${label ? `: ${label}` : ""}`,
        data: { part: value.part === true, change: marks.changes.get(key) ?? null },
        ...(label ? { label: short(label) } : {}),
      },
    ];
  });
}

/** What an edge asks, in a few words; nothing where it always leads on. */
export function gateText(edge: JsonObject): string {
  if (edge.condition !== undefined && edge.condition !== null) return conditionText(edge.condition);
  return edge.otherwise === true ? "otherwise" : "";
}

/** Where a node's edges can begin: what its type says, its cases where it switches, and what is in use. */
export function outsOf(
  node: JsonObject,
  manifest: Manifest | null,
  used: ReadonlySet<string> | undefined,
): readonly string[] {
  const cases = casesOf(node, manifest?.parameters);
  const error = node.on_error === "branch" ? ["error"] : [];
  return [...new Set([...(manifest?.handles ?? ["main"]), ...cases, ...error, ...(used ?? [])])];
}

/** Handles that a node's parameters name: the names in every object that its type marks so. */
function casesOf(node: JsonObject, schema: JsonObject | undefined): readonly string[] {
  const [properties, parameters] = [schema?.properties, node.parameters];
  if (!isObject(properties) || !isObject(parameters)) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    const value = parameters[name];
    return isObject(property) && property["x-handles"] === true && isObject(value) ? Object.keys(value) : [];
  });
}

export function insOf(manifest: Manifest | null, used: ReadonlySet<string> | undefined): readonly string[] {
  return [...new Set([...(manifest?.trigger ? [] : ["main"]), ...(used ?? [])])];
}

function positionOf(item: Item): Point {
  const place = isObject(item.value.position) ? item.value.position : {};
  const [x, y] = [place.x, place.y];
  if (typeof x === "number" && typeof y === "number") return { x, y };
  return { x: 40 + (item.index % 4) * GAP.x, y: 40 + Math.floor(item.index / 4) * GAP.y };
}

/** Whether somebody has to lay the nodes out: they were never placed, or are all on one spot. */
export function needsLayout(definition: Definition): boolean {
  const nodes = nodesOf(definition);
  const first = nodes[0]?.value.position;
  return nodes.length > 1 && nodes.every(({ value }) => same(value.position, first));
}

function noted(map: Map<string, Set<string>>, key: string, handle: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(handle));
}

function short(text: string): string {
  return text.length > 36 ? `${text.slice(0, 35)}…` : text;
}
