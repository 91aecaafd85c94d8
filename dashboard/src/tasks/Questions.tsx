import { type FormEvent, useState } from "react";
import { answer, hub } from "@/api/client";
import { useMayWrite } from "@/login/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Field } from "@/ui/Field";
import { Since } from "@/ui/Since";
import { Prose } from "./Prose";
import style from "./Questions.module.css";
import type { Intervention, Task } from "./shapes";

/** What the agent asks a person, answerable in place. */
export function Questions({ task }: { task: Task }) {
  const open = task.interventions.filter((it) => it.status === "pending");
  return open.map((it) => <Question key={it.id} question={it} />);
}

export function Question({ question }: { question: Intervention }) {
  const mayWrite = useMayWrite();
  const [text, setText] = useState("");
  const respond = useAction<string>({
    run: (response) =>
      answer(
        hub.POST("/api/v1/interventions/{intervention}/respond", {
          params: { path: { intervention: question.id } },
          body: { response },
        }),
      ),
    done: "Answered: the agent works on",
    touches: [["tasks", "one", question.task_id], ["inbox"]],
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    respond.mutate(text.trim());
  }
  return (
    <div className={style.question}>
      <Card
        title={`The agent asks (${question.intervention_type})`}
        actions={<Since at={question.created_at} prefix="for " />}
      >
        <Prose value={question.question} label="question" />
        {question.context && (
          <details>
            <summary>Context</summary>
            <Prose value={question.context} label="context" />
          </details>
        )}
        {mayWrite && (
          <form onSubmit={submit} className={style.form}>
            <Field label="Your answer">
              {(control) => (
                <textarea
                  {...control}
                  rows={3}
                  required
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                />
              )}
            </Field>
            <Button type="submit" kind="primary" busy={respond.isPending}>
              Answer
            </Button>
          </form>
        )}
      </Card>
    </div>
  );
}
