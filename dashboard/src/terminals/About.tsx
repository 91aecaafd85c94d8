import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { RecordingCard } from "@/recordings/RecordingCard";
import { Card } from "@/ui/Card";
import { Json } from "@/ui/Json";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Table } from "@/ui/Table";
import style from "./About.module.css";
import { size } from "./numbers";
import { useProjects } from "./places";
import { activityQuery, type Session } from "./queries";
import { nameOf } from "./standing";
import { ending, happening, running } from "./words";

/** What is known of a session, and everything that happened to it. */
export default function About({ session }: { session: Session }) {
  return (
    <div className={style.about}>
      <div className={style.cards}>
        <Card title="Facts">
          <dl className={style.facts}>
            {facts(session).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
            <ProjectFact session={session} />
          </dl>
        </Card>
        <div className={style.side}>
          <RecordingCard session={session} />
          {session.attention && (
            <Card title="Why it counts as what it does">
              <p className={style.why}>
                <bdi>{session.attention.why}</bdi>
              </p>
              <Json value={session.attention.evidence} label="the evidence" />
            </Card>
          )}
        </div>
      </div>
      <Activity session={session} />
    </div>
  );
}

function facts(session: Session): readonly (readonly [string, ReactNode])[] {
  const found: readonly (readonly [string, ReactNode])[] = [
    ["Runs", <code key="runs">{running(session)}</code>],
    ["On", session.server_name],
    ["In", session.working_directory && <code key="in">{session.working_directory}</code>],
    ["Repository", session.repo && `${session.repo}${session.worktree ? ", in a worktree of its own" : ""}`],
    ["Task", session.task_id && <TaskLink key="task" id={session.task_id} />],
    ["Process", session.pid],
    ["Window", `${session.cols} columns, ${session.rows} rows`],
    ["Output so far", session.output_bytes === null ? null : size(session.output_bytes)],
    ["Who types", session.driver ? nameOf(session.driver) : "nobody"],
    ["Who watches", session.watchers],
    ["Started by", nameOf(session.created_by)],
    ["Started", <Since key="started" at={session.started_at ?? session.created_at} suffix=" ago" />],
    ["Ended", session.ended_at && <Since key="ended" at={session.ended_at} suffix={` ago; it ${ending(session)}`} />],
    ["Error", session.error],
    ["Id", <code key="id">{session.id}</code>],
  ];
  return found.filter(([, value]) => value !== null && value !== undefined && value !== "");
}

function TaskLink({ id }: { id: string }) {
  return (
    <Link to="/tasks/$task" params={{ task: id }}>
      {id.slice(0, 8)}
    </Link>
  );
}

function ProjectFact({ session }: { session: Session }) {
  const name = useProjects().find((it) => it.id === session.project_id)?.name;
  if (!name) return null;
  return (
    <div>
      <dt>Project</dt>
      <dd>{name}</dd>
    </div>
  );
}

function Activity({ session }: { session: Session }) {
  const query = useQuery(activityQuery(session.id));
  return (
    <Card title="Activity">
      <Loaded query={query}>
        {(events) => (
          <Table
            label="What happened"
            rows={events.toReversed()}
            rowKey={(event) => event.id}
            columns={[
              { name: "What", cell: (event) => <span className={style.one}>{happening(event.event_type)}</span> },
              { name: "Who", cell: (event) => <span className={style.one}>{nameOf(event.actor)}</span> },
              { name: "Details", cell: (event) => <code>{shortly(event.details)}</code> },
              { name: "When", cell: (event) => <When at={event.created_at} /> },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}

function When({ at }: { at: string }) {
  return (
    <span className={style.one}>
      <Since at={at} suffix=" ago" />
    </span>
  );
}

function shortly(details: unknown): string {
  const text = JSON.stringify(details);
  return text === undefined || text === "{}" ? "" : text.slice(0, 300);
}
