import { textFromValue } from "../definition/values";
import style from "./Form.module.css";
import type { Control } from "./fields";
import type { InputProps } from "./ValueInput";

/** A text; one that was emptied is left out, so that the default counts. */
export function TextInput({
  control,
  value,
  onChange,
  fallback,
  attributes,
}: InputProps<Extract<Control, { kind: "text" }>>) {
  const text = typeof value === "string" ? value : textFromValue(value);
  const shared = {
    ...attributes,
    value: text,
    placeholder: typeof fallback === "string" ? fallback : "",
    spellCheck: false,
    className: control.mono ? style.mono : undefined,
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      onChange(event.target.value || undefined),
  };
  if (!control.multiline) return <input type="text" {...shared} />;
  return <textarea rows={Math.min(14, Math.max(2, text.split("\n").length + 1))} {...shared} />;
}
