import createClient, { type Middleware } from "openapi-fetch";
import { Problem, readProblem } from "./problem";
import type { paths } from "./schema";

/** Errors become a thrown Problem; a login that counts no more is told to whoever listens, once per answer. */
const problems: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return undefined;
    const problem = await readProblem(response);
    if (problem.status === 401) onLoggedOut();
    throw problem;
  },
  onError({ error }) {
    throw error instanceof Problem ? error : Problem.unreachable(error);
  },
};

let onLoggedOut: () => void = () => {};

/** Call `listener` whenever the hub says that nobody is logged in here. */
export function whenLoggedOut(listener: () => void): void {
  onLoggedOut = listener;
}

/** The hub's API, typed by its own OpenAPI document. The login is a cookie that no script can read. */
export const hub = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });
hub.use(problems);

/** The answer of a call that has not thrown. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
