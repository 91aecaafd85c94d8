import { X } from "lucide-react";
import { useState } from "react";
import { Button } from "@/ui/Button";
import { BINARY, UNARY, withOperator } from "../definition/condition";
import { isObject, type Json, same, textOf } from "../definition/json";
import { textFromValue, valueFromText } from "../definition/values";
import style from "./Panel.module.css";

interface QuestionProps {
  readonly question: Json;
  readonly list: string;
  readonly disabled: boolean;
  readonly onChange: (question: Json) => void;
  readonly onRemove: (() => void) | undefined;
}

/** One question: a path into the output, one of 24 operators, and what it is compared with. */
export function QuestionEditor({ question: raw, list, disabled, onChange, onRemove }: QuestionProps) {
  const question = isObject(raw) ? raw : {};
  const operator = textOf(question.operator, "eq");
  return (
    <div className={style.question}>
      <div className={style.pair}>
        <input
          type="text"
          aria-label="Field"
          list={list}
          placeholder="field, or the output itself"
          value={textOf(question.field)}
          disabled={disabled}
          spellCheck={false}
          onChange={(event) => onChange({ ...question, field: event.target.value })}
        />
        <select
          aria-label="Operator"
          value={operator}
          disabled={disabled}
          onChange={(event) => onChange(withOperator(question, event.target.value))}
        >
          <Options of={BINARY} label="compare" />
          <Options of={UNARY} label="look" />
        </select>
        {!(operator in UNARY) && (
          <Compared value={question.value} disabled={disabled} onChange={(value) => onChange({ ...question, value })} />
        )}
      </div>
      {onRemove && !disabled && <Button kind="quiet" small icon={X} aria-label="Remove condition" onClick={onRemove} />}
    </div>
  );
}

function Options({ of, label }: { of: Readonly<Record<string, string>>; label: string }) {
  return (
    <optgroup label={label}>
      {Object.entries(of).map(([word, text]) => (
        <option key={word} value={word}>
          {text}
        </option>
      ))}
    </optgroup>
  );
}

function Compared({
  value,
  disabled,
  onChange,
}: {
  value: Json | undefined;
  disabled: boolean;
  onChange: (value: Json) => void;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed !== null && same(valueFromText(typed), value ?? "") ? typed : textFromValue(value);
  return (
    <input
      type="text"
      aria-label="Value"
      placeholder='0, true, "text", [1, 2]'
      title={`compared as ${Array.isArray(value) ? "list" : value === null ? "null" : typeof value}`}
      value={text}
      disabled={disabled}
      spellCheck={false}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(valueFromText(event.target.value));
      }}
    />
  );
}
