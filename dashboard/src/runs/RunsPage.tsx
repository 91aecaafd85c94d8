import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Page } from "@/ui/Page";
import { spaced } from "@/ui/tones";
import { workflowsQuery } from "@/workflows/queries";
import { Choice } from "./Choice";
import { RunList } from "./RunList";
import style from "./RunsPage.module.css";
import { RUN_STATUSES } from "./shapes";

const route = getRouteApi("/shell/runs");

/** All runs, newest first. */
export function RunsPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const workflows = useQuery(workflowsQuery).data ?? [];
  const set = (change: object) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const cli = [
    "corral run list",
    filter.workflow && `--workflow ${filter.workflow}`,
    filter.status && `--status ${filter.status}`,
  ];
  return (
    <Page title="Runs" full cli={cli.filter(Boolean).join(" ")}>
      <search className={style.filters}>
        <Choice
          label="Workflow"
          value={filter.workflow === undefined ? "" : String(filter.workflow)}
          options={workflows.map((it) => [String(it.id), it.name])}
          onChange={(value) => set({ workflow: value === "" ? undefined : Number(value) })}
        />
        <Choice
          label="Status"
          value={filter.status ?? ""}
          options={RUN_STATUSES.map((it) => [it, spaced(it)])}
          onChange={(value) => set({ status: value === "" ? undefined : value })}
        />
      </search>
      <div className={style.body}>
        <RunList filter={filter} />
      </div>
    </Page>
  );
}
