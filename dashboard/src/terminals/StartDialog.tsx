import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Problem } from "@/api/problem";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Cli } from "@/ui/Cli";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { type AgentChoice, agentsFor, refusalOf } from "./agents";
import style from "./Dialogs.module.css";
import { bodyOf, commandOf, type Draft, EMPTY, problemOf } from "./draft";
import { useMachines, useProjects } from "./places";
import { start } from "./queries";

interface StartDialogProps {
  readonly server: string | undefined;
  readonly project: string | undefined;
  readonly onClose: () => void;
}

/** Start a session: where, what, in which folder. */
export default function StartDialog({ server = "", project = "", onClose }: StartDialogProps) {
  const [draft, setDraft] = useState<Draft>({ ...EMPTY, server, project });
  const navigate = useNavigate();
  const action = useAction({
    run: () => start(bodyOf(draft)),
    touches: [["sessions", "list"]],
    onDone: (session) => void navigate({ to: "/terminals/$session", params: { session: session.id } }),
  });
  const agents = agentsFor(useMachines(), draft.server);
  const refused = problemOf(draft) ?? refusalOf(agents, draft.runs);
  const set = (name: keyof Draft) => (value: string | boolean) => setDraft({ ...draft, [name]: value });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (refused === null) action.mutate();
  }
  return (
    <Dialog title="New session" onClose={onClose}>
      <form className={style.body} onSubmit={submit}>
        {action.error && <Notice error={action.error instanceof Problem ? action.error : action.error} />}
        <Where draft={draft} set={set} />
        <What draft={draft} set={set} agents={agents} />
        <Folder draft={draft} set={set} />
        <Cli command={commandOf(draft)} />
        <div className={style.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={action.isPending} disabled={refused !== null}>
            Start the session
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface PartProps {
  readonly draft: Draft;
  readonly set: (name: keyof Draft) => (value: string | boolean) => void;
}

function Where({ draft, set }: PartProps) {
  const machines = useMachines();
  const projects = useProjects();
  return (
    <div className={style.pair}>
      <Field label="Machine">
        {(control) => (
          <select {...control} value={draft.server} onChange={(event) => set("server")(event.target.value)}>
            <option value="">the best one</option>
            {machines.map((it) => (
              <option key={it.id} value={it.name}>
                {it.name}
                {it.connected ? "" : " (not connected)"}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Project">
        {(control) => (
          <select {...control} value={draft.project} onChange={(event) => set("project")(event.target.value)}>
            <option value="">the first one</option>
            {projects.map((it) => (
              <option key={it.id} value={it.name}>
                {it.name}
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

function What({ draft, set, agents }: PartProps & { agents: readonly AgentChoice[] }) {
  const note = agents.find((it) => it.name === draft.runs)?.note;
  return (
    <>
      <div className={style.pair}>
        <Field label="Runs" error={refusalOf(agents, draft.runs)} hint={note}>
          {(control) => (
            <select {...control} value={draft.runs} onChange={(event) => set("runs")(event.target.value)}>
              <option value="shell">a login shell</option>
              <option value="command">a command</option>
              {agents.map(({ name, label, why }) => (
                <option key={name} value={name} disabled={why !== null}>
                  {why ? `${label} (${why})` : label}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Name" hint="Made up where it is empty.">
          {(control) => <input {...control} value={draft.name} onChange={(event) => set("name")(event.target.value)} />}
        </Field>
      </div>
      {draft.runs === "command" && (
        <Field label="Command" error={draft.command ? problemOf(draft) : null} hint="Without a shell: make -j8 all">
          {(control) => (
            <input
              {...control}
              spellCheck={false}
              autoCapitalize="off"
              value={draft.command}
              onChange={(event) => set("command")(event.target.value)}
            />
          )}
        </Field>
      )}
    </>
  );
}

function Folder({ draft, set }: PartProps) {
  const machine = useMachines().find((it) => it.name === draft.server);
  return (
    <>
      <div className={style.pair}>
        <Field
          label="Repository"
          hint={machine ? `It has: ${Object.keys(machine.repos).join(", ") || "none"}` : undefined}
        >
          {(control) => <input {...control} value={draft.repo} onChange={(event) => set("repo")(event.target.value)} />}
        </Field>
        <Field label="Directory" hint="On that machine; empty: its home or the repository.">
          {(control) => (
            <input {...control} value={draft.directory} onChange={(event) => set("directory")(event.target.value)} />
          )}
        </Field>
      </div>
      <label className={style.check}>
        <input
          type="checkbox"
          checked={draft.worktree}
          disabled={draft.repo === ""}
          onChange={(event) => set("worktree")(event.target.checked)}
        />
        In a worktree of its own
      </label>
      <label className={style.check}>
        <input type="checkbox" checked={draft.record} onChange={(event) => set("record")(event.target.checked)} />
        Record what it prints
      </label>
    </>
  );
}
