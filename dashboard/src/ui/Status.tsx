import style from "./Status.module.css";
import { lookOf, spaced, type Tone } from "./tones";

/** A state, as icon and word. */
export function Status({ of, title }: { of: string; title?: string }) {
  const { tone, icon: Icon } = lookOf(of);
  return (
    <span className={`${style.status} ${style[tone]}`} data-status={of} title={title}>
      <Icon aria-hidden size={14} />
      {spaced(of)}
    </span>
  );
}

/** A short word beside something: a priority, a type, a count. */
export function Tag({ children, tone = "quiet", title }: { children: React.ReactNode; tone?: Tone; title?: string }) {
  return (
    <span className={`${style.tag} ${style[tone]}`} title={title}>
      {children}
    </span>
  );
}
