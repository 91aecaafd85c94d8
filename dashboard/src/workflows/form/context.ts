import { createContext, use } from "react";
import type { Source } from "../definition/names";

/**
 * What every field of a form needs: what is wrong at it, what templates may name (asked for once somebody looks; null
 * where they are not read), and whether it may be changed.
 */
export interface FormScene {
  readonly errorAt: (path: string) => string | null;
  readonly sources: (() => readonly Source[]) | null;
  readonly disabled: boolean;
}

export const FormContext = createContext<FormScene>({ errorAt: () => null, sources: null, disabled: false });

export function useForm(): FormScene {
  return use(FormContext);
}
