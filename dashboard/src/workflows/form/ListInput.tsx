import { Plus, X } from "lucide-react";
import { Button } from "@/ui/Button";
import { isList } from "../definition/json";
import { type ComposedProps, ItemInput } from "./ComposedInput";
import { useForm } from "./context";
import style from "./Form.module.css";
import { blank, type Control } from "./fields";

/** A list: an input for each item. */
export function ListInput({ item, value, onChange, path, title }: Omit<ComposedProps, "control"> & { item: Control }) {
  const { disabled } = useForm();
  const items = isList(value) ? value : value === undefined ? [] : [value];
  return (
    <fieldset className={style.inner} aria-label={title}>
      {items.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items of a list are known by their place alone
        <div key={index} className={style.item}>
          <ItemInput
            control={item}
            value={each}
            onChange={(next) => onChange(items.with(index, next ?? ""))}
            path={`${path}.${index}`}
            title={`${title} ${index + 1}`}
          />
          {!disabled && (
            <Button
              kind="quiet"
              small
              icon={X}
              aria-label={`Remove ${title} ${index + 1}`}
              onClick={() => onChange(items.length > 1 ? items.toSpliced(index, 1) : undefined)}
            />
          )}
        </div>
      ))}
      {!disabled && (
        <Button small icon={Plus} onClick={() => onChange([...items, blank(item)])} aria-label={`Add to ${title}`}>
          Add
        </Button>
      )}
    </fieldset>
  );
}
