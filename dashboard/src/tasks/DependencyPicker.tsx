import { useInfiniteQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import style from "./DependencyPicker.module.css";
import type { Wanted } from "./draft";
import { cardsQuery } from "./queries";

interface DependencyPickerProps {
  readonly chosen: readonly Wanted[];
  readonly onChange: (chosen: readonly Wanted[]) => void;
}

/** Upstream tasks, found by title or id; and which contract is taken from each. */
export function DependencyPicker({ chosen, onChange }: DependencyPickerProps) {
  const [text, setText] = useState("");
  const list = useId();
  const found = useInfiniteQuery({ ...cardsQuery({ q: text }), enabled: text.length > 1 }).data?.pages[0]?.tasks ?? [];
  function choose(value: string) {
    const task = found.find((it) => `${it.title} (${it.short_id})` === value);
    if (!task) return setText(value);
    setText("");
    if (!chosen.some((it) => it.task === task.id))
      onChange([...chosen, { task: task.id, title: task.title, contract: "" }]);
  }
  return (
    <>
      <Field label="Add a task" hint="Type some of its title or id.">
        {(control) => <input {...control} list={list} value={text} onChange={(event) => choose(event.target.value)} />}
      </Field>
      <datalist id={list}>
        {found.map((task) => (
          <option key={task.id} value={`${task.title} (${task.short_id})`} />
        ))}
      </datalist>
      <ul className={style.chosen}>
        {chosen.map((it) => (
          <li key={it.task}>
            <span>{it.title}</span>
            <input
              aria-label={`Contract taken from ${it.title}`}
              placeholder="contract key (optional)"
              value={it.contract}
              onChange={(event) =>
                onChange(chosen.map((one) => (one.task === it.task ? { ...one, contract: event.target.value } : one)))
              }
            />
            <Button
              kind="quiet"
              small
              icon={X}
              aria-label={`Remove ${it.title}`}
              onClick={() => onChange(chosen.filter((one) => one.task !== it.task))}
            />
          </li>
        ))}
      </ul>
    </>
  );
}
