import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { answer, hub } from "@/api/client";
import { projectsQuery } from "@/settings/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Field } from "@/ui/Field";
import { Page } from "@/ui/Page";
import { DependencyPicker } from "./DependencyPicker";
import { type Draft, EMPTY, problemWith, RUN_KINDS, readDraft } from "./draft";
import style from "./NewTaskPage.module.css";

export function NewTaskPage() {
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const navigate = useNavigate();
  const problem = problemWith(draft);
  const create = useAction({
    run: () => answer(hub.POST("/api/v1/tasks", { body: readDraft(draft) as never })),
    done: "Created",
    touches: [
      ["tasks", "counts"],
      ["tasks", "graph"],
    ],
    onDone: (task) => void navigate({ to: "/tasks/$task", params: { task: task.id } }),
  });
  const set = <K extends keyof Draft>(name: K, value: Draft[K]) => setDraft((before) => ({ ...before, [name]: value }));
  function submit(event: FormEvent) {
    event.preventDefault();
    if (problem === null) create.mutate();
  }
  return (
    <Page title="New task" cli="corral task create --help">
      <form className={style.form} onSubmit={submit}>
        <Card>
          <Field label="Title">
            {(control) => (
              <input
                {...control}
                required
                autoFocus
                maxLength={500}
                value={draft.title}
                onChange={(event) => set("title", event.target.value)}
              />
            )}
          </Field>
          <Field label="Specification" hint="Markdown, for whoever does it.">
            {(control) => (
              <textarea
                {...control}
                rows={6}
                value={draft.spec}
                onChange={(event) => set("spec", event.target.value)}
              />
            )}
          </Field>
          <div className={style.row}>
            <Project value={draft.project} onChange={(value) => set("project", value)} />
            <Field label="Priority">
              {(control) => (
                <select
                  {...control}
                  value={draft.priority}
                  onChange={(event) => set("priority", event.target.value as Draft["priority"])}
                >
                  {["low", "normal", "high", "critical"].map((it) => (
                    <option key={it}>{it}</option>
                  ))}
                </select>
              )}
            </Field>
          </div>
        </Card>
        <Card title="Who does it">
          <Field label="Runs as">
            {(control) => (
              <select
                {...control}
                value={draft.kind}
                onChange={(event) => set("kind", event.target.value as Draft["kind"])}
              >
                {RUN_KINDS.map(([kind, words]) => (
                  <option key={kind} value={kind}>
                    {words}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <How draft={draft} set={set} />
          <label className={style.check}>
            <input
              type="checkbox"
              checked={draft.requirePlan}
              onChange={(event) => set("requirePlan", event.target.checked)}
            />
            A plan must be approved first
          </label>
        </Card>
        <Card title="What it waits for">
          <DependencyPicker chosen={draft.dependencies} onChange={(value) => set("dependencies", value)} />
        </Card>
        <Card title="What it promises">
          <Field
            label="Contracts"
            hint='JSON: [{"key": "api", "schema": {"type": "object"}}]'
            error={draft.contracts.trim() ? problem : null}
          >
            {(control) => (
              <textarea
                {...control}
                rows={3}
                spellCheck={false}
                value={draft.contracts}
                onChange={(event) => set("contracts", event.target.value)}
              />
            )}
          </Field>
        </Card>
        <div>
          <Button type="submit" kind="primary" busy={create.isPending} disabled={problem !== null}>
            Create task
          </Button>
        </div>
      </form>
    </Page>
  );
}

type Setter = <K extends keyof Draft>(name: K, value: Draft[K]) => void;

function How({ draft, set }: { draft: Draft; set: Setter }) {
  if (draft.kind === "manual") return <p className={style.hint}>A person starts and completes it.</p>;
  if (draft.kind === "command") {
    return (
      <Field
        label="Command"
        hint="Run by a shell in a folder of its own; what it writes to $CORRAL_RESULT is the result."
      >
        {(control) => (
          <textarea
            {...control}
            rows={3}
            required
            spellCheck={false}
            value={draft.command}
            onChange={(event) => set("command", event.target.value)}
          />
        )}
      </Field>
    );
  }
  return (
    <>
      <Field label="Agent" hint="As the machines know it: claude_code, codex, gemini, echo …">
        {(control) => (
          <input {...control} required value={draft.agent} onChange={(event) => set("agent", event.target.value)} />
        )}
      </Field>
      <Field
        label="Repository (optional)"
        hint="By its name on the machines; the agent works in a worktree of its own."
      >
        {(control) => <input {...control} value={draft.repo} onChange={(event) => set("repo", event.target.value)} />}
      </Field>
    </>
  );
}

function Project({ value, onChange }: { value: string; onChange: (project: string) => void }) {
  const projects = useQuery(projectsQuery).data?.projects ?? [];
  return (
    <Field label="Project">
      {(control) => (
        <select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">The default one</option>
          {projects.map((project) => (
            <option key={project.id} value={project.id}>
              {project.name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
