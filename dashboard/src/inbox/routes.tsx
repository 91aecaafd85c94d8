import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/shell/root";
import { KINDS, type Kind } from "./shapes";

const index = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  validateSearch: (search: Record<string, unknown>): { kind?: Kind } => {
    const kind = KINDS.find(([key]) => key === search.kind)?.[0];
    return kind ? { kind } : {};
  },
  component: lazyRouteComponent(() => import("./InboxPage"), "InboxPage"),
});

export const inboxRoutes = [index] as const;
