import { Since } from "./Since";
import { spaced } from "./tones";
import style from "./Why.module.css";

export interface Reason {
  readonly code: string;
  readonly detail?: string | null;
  readonly since?: string | null;
}

/** Why something is as it is, and since when. */
export function Why({ reason }: { reason: Reason | null | undefined }) {
  if (!reason) return null;
  return (
    <p className={style.why}>
      <span className={style.code}>{spaced(reason.code)}</span>
      {reason.detail && <span> — {reason.detail}</span>}
      {reason.since && (
        <span className={style.since}>
          {" · "}
          <Since at={reason.since} prefix="for " />
        </span>
      )}
    </p>
  );
}
