import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/shell/root";

const index = createRoute({
  getParentRoute: () => shellRoute,
  path: "/terminals",
  component: lazyRouteComponent(() => import("./TerminalsPage"), "TerminalsPage"),
});

export const terminalRoutes = [index] as const;
