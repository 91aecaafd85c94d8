import type { Json } from "../definition/json";
import { useForm } from "./context";
import { Form } from "./Form";
import style from "./Form.module.css";
import { type Control, type FormField, isTemplate } from "./fields";
import { ListInput } from "./ListInput";
import { MapInput } from "./MapInput";
import { ValueInput } from "./ValueInput";
import { VariantsInput } from "./VariantsInput";

export interface ComposedProps {
  readonly control: Control;
  readonly value: Json | undefined;
  readonly onChange: (value: Json | undefined) => void;
  readonly path: string;
  readonly title: string;
}

/** Whether a control is made of several boxes. */
export function isComposed(control: Control): boolean {
  return ["list", "map", "object", "variants"].includes(control.kind);
}

/** A value that is asked for in several boxes: a list, an object, or one of several shapes of an object. */
export function ComposedInput({ control, ...rest }: ComposedProps) {
  switch (control.kind) {
    case "list":
      return <ListInput item={control.item} {...rest} />;
    case "map":
      return <MapInput inner={control.value} {...rest} />;
    case "variants":
      return <VariantsInput control={control} {...rest} />;
    case "object":
      return <ObjectInput fields={control.fields} {...rest} />;
    default:
      return null;
  }
}

function ObjectInput({
  fields,
  value,
  onChange,
  path,
  title,
}: Omit<ComposedProps, "control"> & { fields: readonly FormField[] }) {
  const change = (next: Json) => onChange(Object.keys(next ?? {}).length > 0 ? next : undefined);
  return (
    <fieldset className={style.inner} aria-label={title}>
      <Form fields={fields} value={value} onChange={change} path={path} />
    </fieldset>
  );
}

/** An item of a list or an object: one box, or several again. */
export function ItemInput(props: ComposedProps) {
  const { disabled } = useForm();
  if (isComposed(props.control) && !isTemplate(props.value)) return <ComposedInput {...props} />;
  return <ValueInput {...props} fallback={undefined} attributes={{ "aria-label": props.title, disabled }} />;
}
