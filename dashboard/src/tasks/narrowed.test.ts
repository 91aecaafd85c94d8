import { expect, test } from "vitest";
import { narrowed } from "./narrowed";
import type { Card, Dependency } from "./shapes";

const card = (id: string, title: string, status = "pending") => ({ id, title, status }) as Card;
const edge = (task_id: string, depends_on_task_id: string) => ({ task_id, depends_on_task_id }) as Dependency;
const NODES = [card("1a", "Describe"), card("2b", "Describe again", "done"), card("3c", "Use")];
const EDGES = [edge("2b", "1a"), edge("3c", "2b")];

test("without filters everything stays", () => {
  expect(narrowed(NODES, EDGES, {})).toEqual({ nodes: NODES, edges: EDGES });
});

test("a text finds titles and ids, and keeps the edges between what it found", () => {
  expect(narrowed(NODES, EDGES, { q: "describe" })).toEqual({ nodes: NODES.slice(0, 2), edges: EDGES.slice(0, 1) });
  expect(narrowed(NODES, EDGES, { q: "3c" })).toEqual({ nodes: NODES.slice(2), edges: [] });
});

test("a state leaves out the others", () => {
  expect(narrowed(NODES, EDGES, { status: "done" }).nodes).toEqual(NODES.slice(1, 2));
});
