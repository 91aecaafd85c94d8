import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/shell/root";
import { readSearch } from "./filters";
import { readVisit } from "./visit";

const index = createRoute({
  getParentRoute: () => shellRoute,
  path: "/terminals",
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import("./TerminalsPage"), "TerminalsPage"),
});

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/terminals/$session",
  validateSearch: readVisit,
  component: lazyRouteComponent(() => import("./SessionPage"), "SessionPage"),
});

export const terminalRoutes = [index, one] as const;
