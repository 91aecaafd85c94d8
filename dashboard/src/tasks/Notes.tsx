import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, hub } from "@/api/client";
import { useMayWrite } from "@/login/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Empty } from "@/ui/Empty";
import { Field } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Tag } from "@/ui/Status";
import style from "./Notes.module.css";
import { Prose } from "./Prose";
import { notesQuery } from "./queries";

export function Notes({ taskId }: { taskId: string }) {
  return (
    <>
      <Loaded query={useQuery(notesQuery(taskId))}>
        {(notes) =>
          notes.length === 0 ? (
            <Empty title="No notes yet." cli={`corral task note ${taskId.slice(0, 8)} "…"`} />
          ) : (
            notes.map((note) => (
              <Card key={note.id}>
                <p className={style.head}>
                  <strong>{note.author}</strong>
                  {note.urgent && <Tag tone="warn">urgent</Tag>}
                  <Since at={note.created_at} suffix=" ago" />
                </p>
                <Prose value={note.content} label="note" />
              </Card>
            ))
          )
        }
      </Loaded>
      <Write taskId={taskId} />
    </>
  );
}

function Write({ taskId }: { taskId: string }) {
  const mayWrite = useMayWrite();
  const [content, setContent] = useState("");
  const [urgent, setUrgent] = useState(false);
  const add = useAction({
    run: () =>
      answer(hub.POST("/api/v1/tasks/{task}/notes", { params: { path: { task: taskId } }, body: { content, urgent } })),
    touches: [["tasks", "one", taskId]],
    onDone: () => setContent(""),
  });
  if (!mayWrite) return null;
  function submit(event: FormEvent) {
    event.preventDefault();
    add.mutate();
  }
  return (
    <form className={style.form} onSubmit={submit}>
      <Field label="Leave a note" hint="The agent at work reads it; an urgent one interrupts it.">
        {(control) => (
          <textarea
            {...control}
            rows={3}
            required
            value={content}
            onChange={(event) => setContent(event.target.value)}
          />
        )}
      </Field>
      <label className={style.urgent}>
        <input type="checkbox" checked={urgent} onChange={(event) => setUrgent(event.target.checked)} /> urgent
      </label>
      <Button type="submit" kind="primary" busy={add.isPending}>
        Leave note
      </Button>
    </form>
  );
}
