import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/shell/root";
import { readBoardSearch, readTaskSearch } from "./search";

const board = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tasks",
  validateSearch: readBoardSearch,
  component: lazyRouteComponent(() => import("./TasksPage"), "TasksPage"),
});

const create = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tasks/new",
  component: lazyRouteComponent(() => import("./NewTaskPage"), "NewTaskPage"),
});

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tasks/$task",
  validateSearch: readTaskSearch,
  component: lazyRouteComponent(() => import("./TaskPage"), "TaskPage"),
});

export const taskRoutes = [board, create, one] as const;
