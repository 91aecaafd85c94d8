import { useId } from "react";
import type { Json } from "../definition/json";
import { textFromValue } from "../definition/values";
import { ComposedInput, isComposed } from "./ComposedInput";
import { useForm } from "./context";
import style from "./Form.module.css";
import { type FormField, isTemplate } from "./fields";
import { TemplateMenu } from "./TemplateMenu";
import { ValueInput } from "./ValueInput";

interface FieldRowProps {
  readonly field: FormField;
  readonly value: Json | undefined;
  readonly onChange: (value: Json | undefined) => void;
  readonly path: string;
}

/** One field: its label, its control, what it means, and what is wrong with it. */
export function FieldRow({ field, value, onChange, path }: FieldRowProps) {
  const id = useId();
  const { errorAt, sources, disabled } = useForm();
  const composed = isComposed(field.control) && !isTemplate(value);
  const error = errorAt(path);
  const title = field.required ? `${field.title} *` : field.title;
  const about = `${id}-about`;
  const hint = hintOf(field, composed);
  const attributes = { id, "aria-describedby": about, "aria-invalid": error !== null, disabled };
  const insert = (template: string) => onChange(inserted(id, field, value, template));
  const control = { control: field.control, value, onChange, path, title: field.title, fallback: field.fallback };
  return (
    <div className={style.row} data-field={path}>
      <div className={style.head}>
        {composed ? <span className={style.label}>{title}</span> : <label htmlFor={id}>{title}</label>}
        {sources !== null && !disabled && <TemplateMenu field={field.title} sources={sources} onChoose={insert} />}
      </div>
      {composed ? <ComposedInput {...control} /> : <ValueInput {...control} attributes={attributes} />}
      <p id={about} className={error ? style.error : style.hint}>
        {error ?? hint}
      </p>
    </div>
  );
}

/** What a field means, and what counts while it is empty; that of a switch or a choice is in sight already. */
function hintOf({ description, fallback, control }: FormField, composed: boolean): string {
  const seen = composed || control.kind === "switch" || control.kind === "choice" || fallback === undefined;
  const text = seen ? "" : textFromValue(fallback);
  return [description, text !== "" && text.length < 60 && `default: ${text}`].filter(Boolean).join(" · ");
}

/** The value with a template put in: among a text at the cursor, in place of anything else. */
function inserted(id: string, field: FormField, value: Json | undefined, template: string): string {
  const box = document.getElementById(id);
  const isText = field.control.kind === "text" || isTemplate(value);
  if (!isText || typeof value !== "string") return template;
  if (!(box instanceof HTMLInputElement || box instanceof HTMLTextAreaElement)) return value + template;
  const [from, to] = [box.selectionStart ?? value.length, box.selectionEnd ?? value.length];
  return value.slice(0, from) + template + value.slice(to);
}
