import { Copy } from "./Copy";
import style from "./Json.module.css";

/** A value as indented JSON, in its own scrolling box. */
export function Json({ value, label }: { value: unknown; label: string }) {
  const text = JSON.stringify(value, null, 2) ?? "undefined";
  return (
    <section className={style.json} aria-label={label}>
      <pre tabIndex={0}>{text}</pre>
      <div className={style.copy}>
        <Copy text={text} label={`Copy ${label}`} />
      </div>
    </section>
  );
}
