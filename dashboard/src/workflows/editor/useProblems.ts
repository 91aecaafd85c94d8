import { useEffect, useState } from "react";
import type { Definition } from "../definition/definition";
import { judge } from "../queries";
import type { FoundProblem } from "../shapes";

const PAUSE = 250; // milliseconds without an edit after which the hub is asked

/** What the hub says is wrong with the draft, asked anew while it is being edited. */
export function useProblems(definition: Definition, first: readonly FoundProblem[]): readonly FoundProblem[] {
  const [begun] = useState(definition);
  const [found, setFound] = useState({ of: begun, problems: first });
  useEffect(() => {
    if (definition === found.of) return undefined;
    const asking = new AbortController();
    const timer = window.setTimeout(async () => {
      try {
        const { problems } = await judge(definition, asking.signal);
        setFound({ of: definition, problems });
      } catch {
        // Nobody to ask now: saving the draft meets the same, and says so.
      }
    }, PAUSE);
    return () => {
      window.clearTimeout(timer);
      asking.abort();
    };
  }, [definition, found.of]);
  return found.problems;
}
