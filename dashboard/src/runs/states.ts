import type { RunNodes, RunProgress } from "@/api/messages";
import type { NodeView, RunWhole } from "./shapes";

type Told = RunNodes["nodes"][number];

/** The run with the states that were told; the same where it knows something newer. */
export function withStates(run: RunWhole, told: RunNodes): RunWhole {
  if (told.run_id !== run.id || told.number <= run.number) return run;
  const states = new Map(told.nodes.map((state) => [state.key, state]));
  const known = new Set(run.nodes.map((node) => node.key));
  const added = told.nodes.filter((state) => !known.has(state.key)).map((state) => moved(blank(state.key), state));
  const nodes = run.nodes.map((node) => {
    const state = states.get(node.key);
    return state ? moved(node, state) : node;
  });
  return { ...run, number: told.number, nodes: [...nodes, ...added] };
}

/** The run with how far one of its nodes has come. */
export function withProgress(run: RunWhole, told: RunProgress): RunWhole {
  if (told.run_id !== run.id) return run;
  const progress = { done: told.done, text: told.text, at: told.at };
  const nodes = run.nodes.map((node) =>
    node.key === told.key && node.attempt === told.attempt ? { ...node, progress } : node,
  );
  return { ...run, nodes };
}

/** Of two readings of a run the newer one: an answer that was on its way is not put over what was told since. */
export function newer(before: RunWhole | undefined, after: RunWhole): RunWhole {
  return before && before.id === after.id && before.number > after.number ? before : after;
}

function moved(node: NodeView, state: Told): NodeView {
  const { wish, progress, ...rest } = node;
  const waits = state.waits_for === null ? {} : { wish: wish ?? { type: state.waits_for } };
  const goesOn = state.status === "running" && state.attempt === node.attempt && progress;
  return {
    ...rest,
    status: state.status,
    attempt: state.attempt,
    why: state.why as NodeView["why"],
    since: state.since,
    server_id: state.server_id,
    server: state.server_id === node.server_id ? node.server : null,
    error: state.error as NodeView["error"],
    ...waits,
    ...(goesOn ? { progress } : {}),
  };
}

function blank(key: string): NodeView {
  return {
    key,
    status: "pending",
    attempt: 0,
    why: null,
    server: null,
    server_id: null,
    since: "",
    begun_at: null,
    parameters: null,
    output: null,
    error: null,
    logs: null,
  };
}
