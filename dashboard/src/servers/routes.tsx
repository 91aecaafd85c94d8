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

const join = createRoute({
  getParentRoute: () => shellRoute,
  path: "/servers/join",
  component: lazyRouteComponent(() => import("./JoinPage"), "JoinPage"),
});

export const serverRoutes = [index, join, one] as const;
