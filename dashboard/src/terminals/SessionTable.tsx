import { Link } from "@tanstack/react-router";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import { Table } from "@/ui/Table";
import { doing, stampOf } from "./filters";
import type { Session } from "./queries";
import style from "./SessionTable.module.css";
import { nameOf } from "./standing";
import { ending, running } from "./words";

/** Sessions in a list. */
export function SessionTable({ sessions }: { sessions: readonly Session[] }) {
  return (
    <Table
      label="Terminals"
      rows={sessions}
      rowKey={(it) => it.id}
      columns={[
        { name: "Session", cell: (it) => <Named session={it} /> },
        { name: "Does", cell: (it) => <Doing session={it} /> },
        { name: "Machine", cell: (it) => it.server_name },
        { name: "Task", cell: (it) => <Task id={it.task_id} /> },
        { name: "Types", cell: (it) => <span className={style.one}>{it.driver ? nameOf(it.driver) : "—"}</span> },
        { name: "Started", cell: (it) => <Started session={it} /> },
      ]}
    />
  );
}

function Named({ session }: { session: Session }) {
  return (
    <span data-row className={style.named}>
      <Link to="/terminals/$session" params={{ session: session.id }}>
        <bdi>{session.name}</bdi>
      </Link>
      <code className={style.runs}>{running(session)}</code>
    </span>
  );
}

function Doing({ session }: { session: Session }) {
  const why = ending(session) || session.attention?.why;
  return (
    <span className={style.does}>
      <Status of={doing(session)} />
      {why && <bdi className={style.why}>{why}</bdi>}
      <Since at={stampOf(session.attention?.since)} prefix="for " />
    </span>
  );
}

function Started({ session }: { session: Session }) {
  return (
    <span className={style.one}>
      <Since at={session.started_at ?? session.created_at} suffix=" ago" />
    </span>
  );
}

function Task({ id }: { id: string | null }) {
  if (id === null) return "—";
  return (
    <Link to="/tasks/$task" params={{ task: id }}>
      {id.slice(0, 8)}
    </Link>
  );
}
