import type { FoundProblem } from "../shapes";
import { type Definition, edgesOf, type Item, nodesOf } from "./definition";
import { pathOf } from "./json";

/** Where a problem is: at a node, an edge (by key), or the workflow itself; and at which of its fields. */
export interface Place {
  readonly of: "node" | "edge" | "workflow";
  readonly key: string;
  readonly field: string;
}

export interface PlacedProblem extends FoundProblem {
  readonly place: Place;
}

/** Problems with the places that their pointers mean in this definition. */
export function placed(definition: Definition, problems: readonly FoundProblem[]): readonly PlacedProblem[] {
  const nodes = byIndex(nodesOf(definition));
  const edges = byIndex(edgesOf(definition));
  return problems.map((problem) => {
    const [list, index, ...rest] = pathOf(problem.path);
    const key = (list === "nodes" ? nodes : list === "edges" ? edges : undefined)?.get(Number(index));
    const place: Place =
      key === undefined
        ? { of: "workflow", key: "", field: pathOf(problem.path).join(".") }
        : { of: list === "nodes" ? "node" : "edge", key, field: rest.join(".") };
    return { ...problem, place };
  });
}

export function problemsAt(problems: readonly PlacedProblem[], of: Place["of"], key: string): readonly PlacedProblem[] {
  return problems.filter((problem) => problem.place.of === of && problem.place.key === key);
}

/** What is said at a field, or at anything inside it. */
export function errorAt(problems: readonly PlacedProblem[], field: string): string | null {
  const found = problems.find(({ place }) => place.field === field || place.field.startsWith(`${field}.`));
  return found?.problem ?? null;
}

function byIndex(items: readonly Item[]): ReadonlyMap<number, string> {
  return new Map(items.map((item) => [item.index, item.key]));
}
