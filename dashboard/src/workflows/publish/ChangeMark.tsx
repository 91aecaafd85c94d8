import { CircleMinus, CirclePlus, Move, Pencil } from "lucide-react";
import type { Change } from "../definition/diff";
import style from "./Difference.module.css";

const LOOKS = {
  added: { icon: CirclePlus, tone: style.added },
  removed: { icon: CircleMinus, tone: style.removed },
  changed: { icon: Pencil, tone: style.changed },
  moved: { icon: Move, tone: style.moved },
} as const;

/** What has become of a part: an icon, and the word. */
export function ChangeMark({ change, short = false }: { change: Change; short?: boolean }) {
  const { icon: Icon, tone } = LOOKS[change];
  return (
    <span className={`${style.mark} ${tone}`}>
      <Icon aria-hidden={!short} {...(short ? { role: "img", "aria-label": change } : {})} size={14} />
      {!short && change}
    </span>
  );
}
