import { type FormEvent, useState } from "react";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { spaced } from "@/ui/tones";
import style from "./ActionForm.module.css";
import type { Action } from "./shapes";

interface ActionFormProps {
  readonly action: Action;
  readonly busy: boolean;
  readonly onBack: (() => void) | null;
  readonly onDo: (filled: Record<string, string>) => void;
}

const LABELS: Readonly<Record<string, string>> = {
  response: "Your answer",
  feedback: "What should change?",
  comment: "Why?",
};

/** Asks for what an action needs, in place. */
export function ActionForm({ action, busy, onBack, onDo }: ActionFormProps) {
  const [filled, setFilled] = useState<Record<string, string>>({});
  function submit(event: FormEvent) {
    event.preventDefault();
    onDo(filled);
  }
  return (
    <form className={style.form} onSubmit={submit}>
      {action.needs.map((name) => (
        <Field key={name} label={LABELS[name] ?? spaced(name)}>
          {(control) => (
            <textarea
              {...control}
              rows={2}
              required
              value={filled[name] ?? ""}
              onChange={(event) => setFilled({ ...filled, [name]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <div className={style.actions}>
        <Button type="submit" kind="primary" small busy={busy}>
          {spaced(action.name).replace(/^./, (first) => first.toUpperCase())}
        </Button>
        {onBack && (
          <Button small onClick={onBack}>
            Back
          </Button>
        )}
      </div>
    </form>
  );
}
