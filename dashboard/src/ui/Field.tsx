import { type ReactNode, useId } from "react";
import style from "./Field.module.css";

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | null;
  /** Draws the control; `id`, and what describes it, belong on it. */
  readonly children: (control: {
    id: string;
    "aria-describedby": string | undefined;
    "aria-invalid": boolean;
  }) => ReactNode;
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const described = hint || error ? `${id}-about` : undefined;
  return (
    <div className={style.field}>
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": described, "aria-invalid": Boolean(error) })}
      {described && (
        <p id={described} className={error ? style.error : style.hint}>
          {error || hint}
        </p>
      )}
    </div>
  );
}
