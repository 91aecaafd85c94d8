import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { serversQuery } from "@/servers/queries";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import style from "./MoveDialog.module.css";
import type { Move } from "./moves";
import type { Card } from "./shapes";

const ASKED: Readonly<Record<NonNullable<Move["asks"]>, { label: string; hint: string; required: boolean }>> = {
  feedback: { label: "What should change?", hint: "The agent gets this and works on.", required: true },
  answer: { label: "Your answer", hint: "The agent gets this and works on.", required: true },
  reason: { label: "Why? (optional)", hint: "Its processes are stopped; this cannot be taken back.", required: false },
  result: { label: "Result (optional)", hint: "Promised contracts are checked first.", required: false },
  error: { label: "What went wrong?", hint: "Its retry policy decides what happens next.", required: true },
  server: { label: "Machine", hint: "Hosts that cannot do it refuse, and say why.", required: false },
};

interface MoveDialogProps {
  readonly task: Card;
  readonly move: Move & { readonly asks: NonNullable<Move["asks"]> };
  readonly onClose: () => void;
  readonly onDo: (text: string) => void;
}

/** Asks for what a move needs. */
export function MoveDialog({ task, move, onClose, onDo }: MoveDialogProps) {
  const [text, setText] = useState("");
  const asked = ASKED[move.asks];
  function submit(event: FormEvent) {
    event.preventDefault();
    onDo(text.trim());
    onClose();
  }
  return (
    <Dialog title={move.label} onClose={onClose}>
      <form className={style.form} onSubmit={submit}>
        <p className={style.title}>{task.title}</p>
        <Field label={asked.label} hint={asked.hint}>
          {(control) =>
            move.asks === "server" ? (
              <Machines control={control} value={text} onChange={setText} />
            ) : (
              <textarea
                {...control}
                autoFocus
                rows={4}
                required={asked.required}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )
          }
        </Field>
        <div className={style.actions}>
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" kind={move.kind === "danger" ? "danger" : "primary"}>
            {move.label}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface MachinesProps {
  readonly control: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean };
  readonly value: string;
  readonly onChange: (name: string) => void;
}

function Machines({ control, value, onChange }: MachinesProps) {
  const servers = useQuery(serversQuery).data?.servers ?? [];
  return (
    <select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">By hand: a person does it</option>
      {servers.map((server) => (
        <option key={server.id} value={server.name}>
          {server.name}
          {server.connected ? "" : " (offline)"}
        </option>
      ))}
    </select>
  );
}
