import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import { type Column, Table } from "@/ui/Table";
import { span } from "@/ui/times";
import { runsOfQuery } from "./queries";
import type { RunView, WorkflowDetail } from "./shapes";

const COLUMNS: readonly Column<RunView>[] = [
  {
    name: "Run",
    cell: (row) => (
      <span data-row>
        <Link to="/runs/$run" params={{ run: row.id }}>
          {row.id.slice(0, 8)}
        </Link>
      </span>
    ),
  },
  { name: "State", cell: (row) => <Status of={row.status} /> },
  { name: "Version", cell: (row) => (row.version === null ? "test of the draft" : `v${row.version}`) },
  { name: "Begun by", cell: (row) => (row.trigger ? `${row.started_by} at ${row.trigger}` : row.started_by) },
  { name: "Begun", cell: (row) => <Since at={row.created_at} suffix=" ago" /> },
  {
    name: "Took",
    align: "end",
    cell: (row) => (row.finished_at ? span(Date.parse(row.finished_at) - Date.parse(row.created_at)) : "—"),
  },
];

/** The newest runs of a workflow. */
export function RunsTab({ workflow }: { workflow: WorkflowDetail }) {
  const runs = useQuery(runsOfQuery(workflow.id));
  return (
    <Loaded query={runs}>
      {(rows) =>
        rows.length === 0 ? (
          <Empty title="No run yet" cli={`corral workflow run ${workflow.id}`} />
        ) : (
          <Table label="Runs" rows={rows} columns={COLUMNS} rowKey={(row) => row.id} />
        )
      }
    </Loaded>
  );
}
