import { useState } from "react";
import { same } from "../definition/json";
import { jsonFlaw, textFromValue, valueFromText } from "../definition/values";
import style from "./Form.module.css";
import type { InputProps } from "./ValueInput";

/** Any value: a text as it is, everything else as JSON. What is not JSON yet is kept here, and not taken over. */
export function JsonInput({ value, onChange, fallback, attributes }: InputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const flaw = typed === null ? null : jsonFlaw(typed);
  const current =
    typed !== null && (flaw !== null || same(valueFromText(typed), value ?? "")) ? typed : textFromValue(value);
  return (
    <>
      <textarea
        {...attributes}
        className={style.mono}
        rows={Math.min(14, Math.max(2, current.split("\n").length))}
        value={current}
        placeholder={fallback === undefined ? "text, or JSON" : textFromValue(fallback)}
        spellCheck={false}
        onChange={(event) => {
          const text = event.target.value;
          setTyped(text);
          if (jsonFlaw(text) === null) onChange(text === "" ? undefined : valueFromText(text));
        }}
      />
      {flaw && (
        <p className={style.error} role="status">
          {flaw}
        </p>
      )}
    </>
  );
}
