import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { addressOf } from "@/servers/state";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Table } from "@/ui/Table";
import { span } from "@/ui/times";
import { assignmentsQuery } from "./queries";
import type { Assignment } from "./shapes";

/** Every time the work was handed out, and how it went, by evidence. */
export function Attempts({ taskId }: { taskId: string }) {
  return (
    <Loaded query={useQuery(assignmentsQuery(taskId))}>
      {({ assignments }) =>
        assignments.length === 0 ? (
          <Empty title="It was not handed out yet." cli={`corral task explain ${taskId.slice(0, 8)}`} />
        ) : (
          <Table label="Attempts" rows={assignments.toReversed()} rowKey={(row) => row.epoch} columns={COLUMNS} />
        )
      }
    </Loaded>
  );
}

const COLUMNS = [
  { name: "Attempt", cell: (row: Assignment) => `${row.attempt} (epoch ${row.epoch})` },
  { name: "Phase", cell: (row: Assignment) => row.phase },
  {
    name: "Machine",
    cell: (row: Assignment) =>
      row.server_name && row.server_id ? (
        <Link to="/servers/$server" params={{ server: addressOf({ id: row.server_id, name: row.server_name }) }}>
          {row.server_name}
        </Link>
      ) : (
        "by hand"
      ),
  },
  { name: "State", cell: (row: Assignment) => row.state },
  { name: "How it ended", cell: (row: Assignment) => ending(row) },
  { name: "Took", cell: (row: Assignment) => took(row) },
  { name: "Offered", cell: (row: Assignment) => <Since at={row.offered_at} suffix=" ago" /> },
];

function ending({ outcome }: Assignment): string {
  if (!outcome) return "—";
  if (outcome.error) return `${outcome.error.kind}: ${outcome.error.message}`;
  if (outcome.detail) return outcome.detail;
  if (outcome.signal) return `signal ${outcome.signal}`;
  return outcome.exit_code === undefined ? "done" : `exit code ${outcome.exit_code}`;
}

function took(row: Assignment): string {
  if (!row.started_at || !row.ended_at) return "—";
  return span(Date.parse(row.ended_at) - Date.parse(row.started_at));
}
