import style from "./Form.module.css";
import type { InputProps } from "./ValueInput";

/** Yes or no; as long as nobody has said, what the default says. */
export function SwitchInput({ value, onChange, fallback, attributes }: InputProps) {
  const on = value === undefined ? fallback === true : value === true;
  return (
    <span className={style.switch}>
      <input type="checkbox" {...attributes} checked={on} onChange={(event) => onChange(event.target.checked)} />
      <span aria-hidden>{on ? "yes" : "no"}</span>
    </span>
  );
}
