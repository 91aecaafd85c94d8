import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { inboxRoutes } from "./inbox/routes";
import { runRoutes } from "./runs/routes";
import { serverRoutes } from "./servers/routes";
import { settingsRoutes } from "./settings/routes";
import { Broken } from "./shell/Broken";
import { Gone } from "./shell/Gone";
import { loginRoute, rootRoute, shellRoute } from "./shell/root";
import { taskRoutes } from "./tasks/routes";
import { terminalRoutes } from "./terminals/routes";
import { workflowRoutes } from "./workflows/routes";

const tree = rootRoute.addChildren([
  loginRoute,
  shellRoute.addChildren([
    ...inboxRoutes,
    ...taskRoutes,
    ...serverRoutes,
    ...terminalRoutes,
    ...workflowRoutes,
    ...runRoutes,
    ...settingsRoutes,
  ]),
]);

export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultPreload: "intent",
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: Gone,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
