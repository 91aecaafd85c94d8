import { Plus, X } from "lucide-react";
import { Button } from "@/ui/Button";
import { isObject, type JsonObject, put, without } from "../definition/json";
import { type ComposedProps, ItemInput } from "./ComposedInput";
import { useForm } from "./context";
import style from "./Form.module.css";
import { blank, type Control } from "./fields";
import { NameInput } from "./NameInput";

/** An object whose names are free: a name and a value for each entry. */
export function MapInput({ inner, value, onChange, path, title }: Omit<ComposedProps, "control"> & { inner: Control }) {
  const { disabled } = useForm();
  const object = isObject(value) ? value : {};
  const change = (next: JsonObject) => onChange(Object.keys(next).length > 0 ? next : undefined);
  return (
    <fieldset className={style.inner} aria-label={title}>
      {Object.entries(object).map(([name, each], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an entry is being renamed while it is typed
        <div key={index} className={style.entry}>
          <NameInput
            name={name}
            label={`Name of ${title} ${index + 1}`}
            disabled={disabled}
            onRename={(next) => change(renamed(object, name, next))}
          />
          <ItemInput
            control={inner}
            value={each}
            onChange={(next) => change(put(object, [name], next ?? "") as JsonObject)}
            path={`${path}.${name}`}
            title={`${title}: ${name}`}
          />
          {!disabled && (
            <Button
              kind="quiet"
              small
              icon={X}
              aria-label={`Remove ${name}`}
              onClick={() => change(without(object, name))}
            />
          )}
        </div>
      ))}
      {!disabled && (
        <Button
          small
          icon={Plus}
          aria-label={`Add to ${title}`}
          onClick={() => change({ ...object, [fresh(object)]: blank(inner) })}
        >
          Add
        </Button>
      )}
    </fieldset>
  );
}

function renamed(object: JsonObject, from: string, to: string): JsonObject {
  if (to === "" || Object.hasOwn(object, to)) return object;
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name === from ? to : name, value]));
}

function fresh(object: JsonObject): string {
  for (let number = Object.keys(object).length + 1; ; number++) {
    if (!Object.hasOwn(object, `name${number}`)) return `name${number}`;
  }
}
