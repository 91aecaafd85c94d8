import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/shell/root";

const index = createRoute({
  getParentRoute: () => shellRoute,
  path: "/servers",
  component: lazyRouteComponent(() => import("./FleetPage"), "FleetPage"),
});

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/servers/$server",
  component: lazyRouteComponent(() => import("./ServerPage"), "ServerPage"),
});

export const serverRoutes = [index, one] as const;
