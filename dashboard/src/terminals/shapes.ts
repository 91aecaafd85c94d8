/** What terminals need to know of machines and projects; their own pages know the whole of it. */
export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  readonly repos: Readonly<Record<string, unknown>>;
  readonly capabilities: { readonly agents?: readonly unknown[] | Readonly<Record<string, unknown>> };
}

export interface Project {
  readonly id: string;
  readonly name: string;
}
