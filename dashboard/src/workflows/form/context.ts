import { createContext, use } from "react";
import type { Source } from "../definition/names";

/** What every field of a form needs: what is wrong at it, what templates may name, and whether it may be changed. */
export interface FormScene {
  readonly errorAt: (path: string) => string | null;
  readonly sources: readonly Source[];
  readonly disabled: boolean;
}

export const FormContext = createContext<FormScene>({ errorAt: () => null, sources: [], disabled: false });

export function useForm(): FormScene {
  return use(FormContext);
}
