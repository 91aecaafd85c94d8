import style from "./Progress.module.css";

/** How far a node has come: a bar where it is known, its words in any case. */
export function Progress({ done, text }: { done: number | null; text: string }) {
  return (
    <span className={style.progress}>
      {done !== null && <progress value={done} max={1} aria-label="Progress" />}
      <span title={text}>
        {done !== null && `${Math.round(done * 100)} % `}
        {text}
      </span>
    </span>
  );
}
