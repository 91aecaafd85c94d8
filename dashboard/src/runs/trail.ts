import { type Definition, edgesOf, endsOf } from "@/workflows/definition/definition";
import { type WireEdge, wiresOf } from "@/workflows/editor/graph";
import type { RunStep } from "./shapes";

/** The edges of a run's picture: each says by its class whether the run went along it. */
export function trailOf(definition: Definition, steps: readonly RunStep[]): readonly WireEdge[] {
  const left = new Map<string, RunStep[]>();
  for (const step of steps) left.set(nameOf(step), [...(left.get(nameOf(step)) ?? []), step]);
  const taken = new Map<string, boolean | null>();
  for (const { key, value } of edgesOf(definition)) {
    if (value.part !== true) taken.set(key, left.get(nameOf(endsOf(value)))?.shift()?.taken ?? null);
  }
  return wiresOf(definition).map((wire): WireEdge => {
    const went = taken.get(wire.id);
    const says = went === true ? "taken" : went === false ? "skipped" : wire.data?.part ? "part" : "open";
    return { ...wire, className: says, ariaLabel: `${wire.ariaLabel} (${SAYS[says]})` };
  });
}

const SAYS = { taken: "taken", skipped: "not taken", part: "a part", open: "not decided yet" } as const;

type Named = Pick<RunStep, "source" | "source_handle" | "target" | "target_handle">;

function nameOf(it: Named): string {
  return JSON.stringify([it.source, it.source_handle, it.target, it.target_handle]);
}
