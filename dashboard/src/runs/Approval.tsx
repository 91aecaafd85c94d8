import { type FormEvent, useState } from "react";
import { useMayWrite } from "@/login/queries";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Field } from "@/ui/Field";
import { Json } from "@/ui/Json";
import { useAnswer } from "./actions";
import style from "./Form.module.css";

interface ApprovalProps {
  readonly runId: string;
  readonly nodeKey: string;
  readonly asked: { readonly question: string; readonly details: unknown };
}

/** What a node asks of a person, answered in place. */
export function Approval({ runId, nodeKey, asked }: ApprovalProps) {
  const mayWrite = useMayWrite();
  const [comment, setComment] = useState("");
  const give = useAnswer(runId, nodeKey);
  function submit(event: FormEvent) {
    event.preventDefault();
    give.mutate({ approved: true, comment: comment.trim() });
  }
  return (
    <Card title="Waits for your word">
      <form className={style.form} onSubmit={submit}>
        <p className={style.question}>{asked.question}</p>
        {asked.details !== null && <Json value={asked.details} label="details" />}
        {mayWrite && (
          <>
            <Field label="Comment (optional)" hint="What follows can read it.">
              {(control) => (
                <textarea {...control} rows={2} value={comment} onChange={(event) => setComment(event.target.value)} />
              )}
            </Field>
            <div className={style.actions}>
              <Button
                kind="danger"
                busy={give.isPending}
                onClick={() => give.mutate({ approved: false, comment: comment.trim() })}
              >
                Refuse
              </Button>
              <Button type="submit" kind="primary" busy={give.isPending}>
                Approve
              </Button>
            </div>
          </>
        )}
      </form>
    </Card>
  );
}
