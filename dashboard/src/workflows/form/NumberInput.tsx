import { useState } from "react";
import { textFromValue } from "../definition/values";
import type { Control } from "./fields";
import type { InputProps } from "./ValueInput";

/** A number, as it is typed: what is none yet stays as text, and the hub says what is wrong with it. */
export function NumberInput({
  control,
  value,
  onChange,
  fallback,
  attributes,
}: InputProps<Extract<Control, { kind: "number" }>>) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed !== null && read(typed) === value ? typed : textFromValue(value);
  return (
    <input
      type="text"
      inputMode={control.integer ? "numeric" : "decimal"}
      {...attributes}
      value={text}
      placeholder={fallback === undefined ? bounds(control) : String(fallback)}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(read(event.target.value));
      }}
    />
  );
}

function read(text: string): number | string | undefined {
  if (text.trim() === "") return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

function bounds({ minimum, maximum }: { readonly minimum?: number; readonly maximum?: number }): string {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${minimum} or more`;
  return maximum === undefined ? "" : `${maximum} or less`;
}
