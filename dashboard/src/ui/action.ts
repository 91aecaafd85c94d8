import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { readAgain } from "@/api/again";
import { Problem } from "@/api/problem";
import { toast } from "./toasts";

interface Action<Input, Output> {
  readonly run: (input: Input) => Promise<Output>;
  /** Queries that are old afterwards, whether it was done or not. */
  readonly touches: readonly QueryKey[];
  readonly done?: string | ((output: Output, input: Input) => string);
  /** Show at once what will be: a query's key and its value then. It is taken back when the hub refuses. */
  readonly foresee?: (input: Input) => readonly (readonly [QueryKey, (before: never) => unknown])[];
  readonly onDone?: (output: Output, input: Input) => void;
}

/** Something a person does: foreseen on the screen, done by the hub, taken back and explained where it was refused. */
export function useAction<Input = void, Output = unknown>(action: Action<Input, Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: action.run,
    onMutate: async (input: Input) => {
      const undo: [QueryKey, unknown][] = [];
      for (const [key, change] of action.foresee?.(input) ?? []) {
        await queries.cancelQueries({ queryKey: key });
        for (const [exact, before] of queries.getQueriesData({ queryKey: key })) {
          if (before === undefined) continue;
          undo.push([exact, before]);
          queries.setQueryData(exact, change(before as never));
        }
      }
      return undo;
    },
    onError: (error, _input, undo) => {
      for (const [key, before] of undo ?? []) queries.setQueryData(key, before);
      toast("danger", error.message, error instanceof Problem ? error.hint : undefined);
    },
    onSuccess: (output, input) => {
      const { done } = action;
      if (done) toast("ok", typeof done === "string" ? done : done(output, input));
      action.onDone?.(output, input);
    },
    onSettled: () => Promise.all(action.touches.map((queryKey) => readAgain(queries, queryKey))),
  });
}
