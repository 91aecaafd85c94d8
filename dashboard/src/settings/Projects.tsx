import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { answer, hub } from "@/api/client";
import type { components } from "@/api/schema";
import { useMayWrite } from "@/login/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Field } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Tag } from "@/ui/Status";
import { type Column, Table } from "@/ui/Table";
import style from "./Form.module.css";
import { ProjectSettings } from "./ProjectSettings";
import { projectsQuery } from "./queries";

export type Project = components["schemas"]["ProjectView"];

export function Projects() {
  const mayWrite = useMayWrite();
  const [changing, setChanging] = useState<Project | null>(null);
  const columns: Column<Project>[] = [
    {
      name: "Name",
      cell: (it) => (
        <Link to="/tasks" search={{ project_id: it.id }}>
          {it.name}
        </Link>
      ),
    },
    { name: "State", cell: (it) => <Tag tone={it.status === "active" ? "ok" : "quiet"}>{it.status}</Tag> },
    { name: "Plans", cell: (it) => (it.settings.require_plan_approval ? "must be approved" : "are not asked for") },
    {
      name: "When a host is lost",
      cell: (it) => (it.settings.lost_host === "retry" ? "try again elsewhere" : "ask a person"),
    },
    { name: "Created", cell: (it) => <Since at={it.created_at} suffix=" ago" /> },
    ...(mayWrite
      ? [
          {
            name: "",
            cell: (it: Project) => (
              <Button small onClick={() => setChanging(it)}>
                Change
              </Button>
            ),
            align: "end" as const,
          },
        ]
      : []),
  ];
  return (
    <>
      <Loaded query={useQuery(projectsQuery)}>
        {({ projects }) => <Table label="Projects" rows={projects} rowKey={(it) => it.id} columns={columns} />}
      </Loaded>
      {mayWrite && <NewProject />}
      {changing && <ProjectSettings project={changing} onClose={() => setChanging(null)} />}
    </>
  );
}

function NewProject() {
  const [name, setName] = useState("");
  const create = useAction({
    run: () => answer(hub.POST("/api/v1/projects", { body: { name } })),
    done: (project) => `Project “${project.name}” is there`,
    touches: [["projects"]],
    onDone: () => setName(""),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }
  return (
    <Card title="New project">
      <form className={style.form} onSubmit={submit}>
        <Field label="Name">
          {(control) => <input {...control} required value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <div>
          <Button type="submit" kind="primary" busy={create.isPending}>
            Create project
          </Button>
        </div>
      </form>
    </Card>
  );
}
