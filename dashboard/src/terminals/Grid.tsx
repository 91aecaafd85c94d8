import { useCallback, useState } from "react";
import style from "./Grid.module.css";
import type { Session } from "./queries";
import { Tile } from "./Tile";

const MOST = 12; // live terminals on one page; each costs its output and its drawing

/** Terminals side by side. Only those in view are attached, and of those no more than a screenful. */
export default function Grid({ sessions }: { sessions: readonly Session[] }) {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const onSeen = useCallback((id: string, isSeen: boolean) => {
    setSeen((before) => {
      if (before.has(id) === isSeen) return before;
      const now = new Set(before);
      if (isSeen) now.add(id);
      else now.delete(id);
      return now;
    });
  }, []);
  const live = new Set(
    sessions
      .filter((it) => seen.has(it.id))
      .slice(0, MOST)
      .map((it) => it.id),
  );
  return (
    <ul className={style.grid} aria-label="Terminals">
      {sessions.map((session) => (
        <Tile key={session.id} session={session} isLive={live.has(session.id)} onSeen={onSeen} />
      ))}
    </ul>
  );
}
