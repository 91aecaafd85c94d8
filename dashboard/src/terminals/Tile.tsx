import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import { doing, isOver, stampOf } from "./filters";
import { Preview } from "./Preview";
import type { Session } from "./queries";
import { nameOf } from "./standing";
import style from "./Tile.module.css";
import { ending, running } from "./words";

interface TileProps {
  readonly session: Session;
  readonly isLive: boolean;
  readonly onSeen: (id: string, isSeen: boolean) => void;
}

/** One terminal of the grid: what is on it, what it does, why and since when. */
export function Tile({ session, isLive, onSeen }: TileProps) {
  const ref = useRef<HTMLLIElement>(null);
  const { id } = session;
  useEffect(() => {
    if (ref.current === null) return;
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) onSeen(id, entry.isIntersecting);
    });
    observer.observe(ref.current);
    return () => {
      observer.disconnect();
      onSeen(id, false);
    };
  }, [id, onSeen]);
  const over = isOver(session);
  return (
    <li ref={ref} className={style.tile} data-doing={doing(session)} aria-label={session.name}>
      <header className={style.header}>
        <Link to="/terminals/$session" params={{ session: id }} className={style.name} data-row>
          <bdi>{session.name}</bdi>
        </Link>
        <Status of={doing(session)} />
      </header>
      <Link
        to="/terminals/$session"
        params={{ session: id }}
        search={over ? { replay: true } : {}}
        className={style.screen}
        tabIndex={-1}
        aria-hidden
      >
        {over ? (
          <span className={style.still}>{ending(session)}</span>
        ) : isLive ? (
          <Preview sessionId={id} />
        ) : (
          <span className={style.still}>not watched from here: too many at once, or out of view</span>
        )}
      </Link>
      <Foot session={session} />
    </li>
  );
}

function Foot({ session }: { session: Session }) {
  const { attention } = session;
  const why = attention?.why ?? session.error ?? running(session);
  return (
    <footer className={style.foot}>
      <p className={style.why} title={why}>
        <bdi>{why}</bdi>
      </p>
      <p className={style.facts}>
        <span className={style.server}>{session.server_name}</span>
        {attention && <Since at={stampOf(attention.since)} prefix="for " />}
        {session.driver && <span className={style.server}>{nameOf(session.driver)} types</span>}
        {session.task_id && (
          <Link to="/tasks/$task" params={{ task: session.task_id }}>
            task {session.task_id.slice(0, 8)}
          </Link>
        )}
      </p>
    </footer>
  );
}
