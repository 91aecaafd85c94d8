import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/shell/root";

export interface ListSearch {
  readonly q?: string;
  readonly open?: "new" | "import";
}

const index = createRoute({
  getParentRoute: () => shellRoute,
  path: "/workflows",
  validateSearch: (search: Record<string, unknown>): ListSearch => ({
    ...(typeof search.q === "string" && search.q !== "" ? { q: search.q } : {}),
    ...(search.open === "new" || search.open === "import" ? { open: search.open } : {}),
  }),
  component: lazyRouteComponent(() => import("./WorkflowsPage"), "WorkflowsPage"),
});

const create = createRoute({
  getParentRoute: () => shellRoute,
  path: "/workflows/new",
  component: lazyRouteComponent(() => import("./WorkflowsPage"), "NewWorkflowPage"),
});

export const TABS = ["editor", "versions", "deployment", "runs"] as const;
export type Tab = (typeof TABS)[number];

export interface WorkflowSearch {
  readonly tab?: Tab;
  /** The node or the edge that is selected. */
  readonly select?: string;
  /** The versions that are compared. */
  readonly from?: number;
  readonly to?: number;
}

const one = createRoute({
  getParentRoute: () => shellRoute,
  path: "/workflows/$workflow",
  validateSearch: (search: Record<string, unknown>): WorkflowSearch => ({
    ...(TABS.includes(search.tab as Tab) && search.tab !== "editor" ? { tab: search.tab as Tab } : {}),
    ...(typeof search.select === "string" && search.select !== "" ? { select: search.select } : {}),
    ...numbered("from", search.from),
    ...numbered("to", search.to),
  }),
  component: lazyRouteComponent(() => import("./WorkflowPage"), "WorkflowPage"),
});

function numbered(name: "from" | "to", value: unknown): { from?: number; to?: number } {
  return Number.isInteger(value) && Number(value) >= 0 ? { [name]: Number(value) } : {};
}

export const workflowRoutes = [index, create, one] as const;
