import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/shell/root";

const index = createRoute({
  getParentRoute: () => shellRoute,
  path: "/servers",
  component: lazyRouteComponent(() => import("./FleetPage"), "FleetPage"),
});

export const serverRoutes = [index] as const;
