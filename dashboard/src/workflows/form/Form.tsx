import { isObject, type Json, type JsonObject, put } from "../definition/json";
import { FieldRow } from "./FieldRow";
import style from "./Form.module.css";
import { type FormField, isShown } from "./fields";

interface FormProps {
  readonly fields: readonly FormField[];
  readonly value: Json | undefined;
  readonly onChange: (value: JsonObject) => void;
  /** Where the object stands, with dots: what problems name. */
  readonly path: string;
}

/** The fields of an object. Those that nobody has filled in stay out of it, so that defaults stay defaults. */
export function Form({ fields, value, onChange, path }: FormProps) {
  const values = isObject(value) ? value : {};
  return (
    <div className={style.form}>
      {fields
        .filter((field) => isShown(field, fields, values))
        .map((field) => (
          <FieldRow
            key={field.name}
            field={field}
            value={values[field.name]}
            onChange={(next) => onChange(put(values, [field.name], next) as JsonObject)}
            path={path === "" ? field.name : `${path}.${field.name}`}
          />
        ))}
    </div>
  );
}
