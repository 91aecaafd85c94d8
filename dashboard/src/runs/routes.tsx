import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/shell/root";

const index = createRoute({
  getParentRoute: () => shellRoute,
  path: "/runs",
  component: lazyRouteComponent(() => import("./RunsPage"), "RunsPage"),
});

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/runs/$run",
  component: lazyRouteComponent(() => import("./RunPage"), "RunPage"),
});

const letters = createRoute({
  getParentRoute: () => shellRoute,
  path: "/dead-letters",
  component: lazyRouteComponent(() => import("./LettersPage"), "LettersPage"),
});

export const runRoutes = [index, one, letters] as const;
