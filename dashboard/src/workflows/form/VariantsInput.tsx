import { isObject, same } from "../definition/json";
import type { ComposedProps } from "./ComposedInput";
import { useForm } from "./context";
import { Form } from "./Form";
import style from "./Form.module.css";
import type { Control } from "./fields";

type Props = Omit<ComposedProps, "control"> & { control: Extract<Control, { kind: "variants" }> };

/** One of several shapes of an object: which one, and then its fields. */
export function VariantsInput({ control, value, onChange, path, title }: Props) {
  const { disabled } = useForm();
  const chosen = isObject(value) ? value[control.by] : undefined;
  const at = control.variants.findIndex((variant) => same(variant.value, chosen));
  const variant = control.variants[at];
  function choose(index: number) {
    const next = control.variants[index];
    onChange(next === undefined ? undefined : { [control.by]: next.value });
  }
  return (
    <fieldset className={style.inner} aria-label={title}>
      <select
        aria-label={`${title}: ${control.by}`}
        value={at < 0 ? "" : at}
        disabled={disabled}
        onChange={(event) => choose(event.target.value === "" ? -1 : Number(event.target.value))}
      >
        <option value="">—</option>
        {control.variants.map((each, index) => (
          <option key={each.title} value={index}>
            {each.title}
          </option>
        ))}
      </select>
      {variant && <Form fields={variant.fields} value={value} onChange={onChange} path={path} />}
    </fieldset>
  );
}
