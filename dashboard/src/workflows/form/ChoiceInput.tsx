import { same } from "../definition/json";
import { textFromValue } from "../definition/values";
import type { Control } from "./fields";
import type { InputProps } from "./ValueInput";

const STRANGE = "strange";

/** One of a few values; one that is none of them is shown as what it is. */
export function ChoiceInput({
  control,
  value,
  onChange,
  fallback,
  attributes,
}: InputProps<Extract<Control, { kind: "choice" }>>) {
  const at = control.options.findIndex((option) => same(option, value));
  return (
    <select
      {...attributes}
      value={value === undefined ? "" : at < 0 ? STRANGE : String(at)}
      onChange={(event) =>
        onChange(event.target.value === "" ? undefined : control.options[Number(event.target.value)])
      }
    >
      <option value="">{fallback === undefined ? "—" : `${textFromValue(fallback)} (default)`}</option>
      {at < 0 && value !== undefined && (
        <option value={STRANGE} disabled>
          {textFromValue(value).slice(0, 60)} (not one of these)
        </option>
      )}
      {control.options.map((option, index) => (
        <option key={textFromValue(option)} value={index}>
          {textFromValue(option)}
        </option>
      ))}
    </select>
  );
}
