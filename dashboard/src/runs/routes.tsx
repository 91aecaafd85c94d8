import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/shell/root";
import { readLetterSearch, readRunFilter, readRunSearch } from "./search";

const index = createRoute({
  getParentRoute: () => shellRoute,
  path: "/runs",
  validateSearch: readRunFilter,
  component: lazyRouteComponent(() => import("./RunsPage"), "RunsPage"),
});

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/runs/$run",
  validateSearch: readRunSearch,
  component: lazyRouteComponent(() => import("./RunPage"), "RunPage"),
});

const letters = createRoute({
  getParentRoute: () => shellRoute,
  path: "/dead-letters",
  validateSearch: readLetterSearch,
  component: lazyRouteComponent(() => import("./LettersPage"), "LettersPage"),
});

export const runRoutes = [index, one, letters] as const;
