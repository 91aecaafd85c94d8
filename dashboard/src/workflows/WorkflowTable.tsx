import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useNow } from "@/ui/clock";
import { Since } from "@/ui/Since";
import { Status, Tag } from "@/ui/Status";
import { type Column, Table } from "@/ui/Table";
import { ago } from "@/ui/times";
import { deploymentsQuery } from "./queries";
import type { Deployed, WorkflowView } from "./shapes";
import style from "./WorkflowsPage.module.css";

/** Workflows as rows. */
export function WorkflowTable({ rows }: { rows: readonly WorkflowView[] }) {
  const deployments = useQuery(deploymentsQuery).data ?? new Map<number, Deployed>();
  const columns: readonly Column<WorkflowView>[] = [
    { name: "Name", cell: (row) => <Name row={row} /> },
    { name: "State", cell: (row) => <Tags row={row} deployment={deployments.get(row.id)} /> },
    { name: "Last run", cell: (row) => <LastRun row={row} /> },
    { name: "Next run", cell: (row) => <NextFire deployment={deployments.get(row.id)} /> },
    {
      name: "Changed",
      cell: (row) => (
        <span className={style.cell}>
          <Since at={row.updated_at} suffix=" ago" />
        </span>
      ),
    },
  ];
  return <Table label="Workflows" rows={rows} columns={columns} rowKey={(row) => row.id} />;
}

function Name({ row }: { row: WorkflowView }) {
  return (
    <span className={style.name} data-row>
      <Link to="/workflows/$workflow" params={{ workflow: String(row.id) }}>
        {row.name}
      </Link>
      <span className={style.soft}>
        #{row.id}
        {row.description && ` · ${row.description.slice(0, 120)}`}
      </span>
    </span>
  );
}

function Tags({ row, deployment }: { row: WorkflowView; deployment: Deployed | undefined }) {
  const triggers = deployment?.triggers?.filter((it) => it.kind !== "manual").map((it) => it.kind) ?? [];
  return (
    <span className={style.tags}>
      {row.version === null ? (
        <Tag title="Nothing is published yet">draft</Tag>
      ) : (
        <Tag tone="accent">v{row.version}</Tag>
      )}
      {row.version !== null && row.changed && (
        <Tag tone="warn" title="The draft differs from the published version">
          draft changed
        </Tag>
      )}
      {deployment && (
        <Tag tone="ok" title={`Version ${deployment.version} is deployed; armed: ${triggers.join(", ")}`}>
          armed: {triggers.join(", ") || "nothing"}
        </Tag>
      )}
    </span>
  );
}

function LastRun({ row }: { row: WorkflowView }) {
  if (row.last_run === null) return <span className={style.soft}>never</span>;
  return (
    <span className={style.cell}>
      <Link to="/runs/$run" params={{ run: row.last_run.id }}>
        <Status of={row.last_run.status} />
      </Link>{" "}
      <span className={style.soft}>
        {row.last_run.version === null && "test of the draft, "}
        <Since at={row.last_run.since} />
      </span>
    </span>
  );
}

function NextFire({ deployment }: { deployment: Deployed | undefined }) {
  const now = useNow();
  const times = deployment?.triggers?.flatMap((it) => (it.next_at ? [Date.parse(it.next_at)] : [])) ?? [];
  if (times.length === 0) return <span className={style.soft}>—</span>;
  const next = Math.min(...times);
  return (
    <time className={style.cell} dateTime={new Date(next).toISOString()} title={new Date(next).toLocaleString()}>
      in {ago(Math.max(0, (next - now) / 1_000))}
    </time>
  );
}
