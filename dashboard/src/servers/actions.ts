import { answer, hub } from "@/api/client";
import { useAction } from "@/ui/action";
import type { Server } from "./state";

const TOUCHES = [["servers", "list"]] as const;

export type Change = "drain" | "cordon" | "resume";

/** Stop a machine from taking work, or let it take some again. */
export function useChange(server: Server) {
  const path = { server: server.id };
  return useAction<Change>({
    run: (change) => {
      if (change === "cordon") {
        return answer(hub.PATCH("/api/v1/servers/{server}", { params: { path }, body: { cordoned: true } }));
      }
      return change === "drain"
        ? answer(hub.POST("/api/v1/servers/{server}/drain", { params: { path } }))
        : answer(hub.POST("/api/v1/servers/{server}/resume", { params: { path } }));
    },
    done: (_, change) =>
      `${server.name}: ${{ drain: "draining", cordon: "cordoned", resume: "takes work again" }[change]}`,
    touches: TOUCHES,
  });
}

export interface Settings {
  readonly name?: string;
  readonly max_concurrent?: number | null;
  readonly overrides?: Record<string, unknown>;
}

export function useSettings(server: Server, onDone: () => void) {
  return useAction<Settings>({
    run: (body) =>
      answer(hub.PATCH("/api/v1/servers/{server}", { params: { path: { server: server.id } }, body: body as never })),
    done: "Saved",
    touches: TOUCHES,
    onDone,
  });
}

export function useRemove(server: Server, onDone: () => void) {
  return useAction({
    run: () => answer(hub.DELETE("/api/v1/servers/{server}", { params: { path: { server: server.id } } })),
    done: `${server.name} was removed; its key counts no more`,
    touches: TOUCHES,
    onDone,
  });
}
