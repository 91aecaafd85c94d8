import style from "./Meter.module.css";

/** How full something is: words, and a bar beside them. */
export function Meter({
  label,
  value,
  of,
  text,
}: {
  label: string;
  value: number | undefined;
  of: number;
  text: string;
}) {
  const share = value === undefined || of === 0 ? 0 : Math.min(1, value / of);
  return (
    <span className={style.meter}>
      <span>{label}</span>
      <span className={style.bar} data-high={share >= 0.9} aria-hidden>
        <span style={{ inlineSize: `${share * 100}%` }} />
      </span>
      <span className={style.text}>{text}</span>
    </span>
  );
}
