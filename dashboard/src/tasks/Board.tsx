import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { useMove } from "./actions";
import style from "./Board.module.css";
import { Column } from "./Column";
import type { CardFilter } from "./cards";
import { openColumns } from "./columns";
import { MoveDialog } from "./MoveDialog";
import { type Move, moveBetween } from "./moves";
import { OtherStates } from "./OtherStates";
import { countsQuery } from "./queries";
import { type Card, STATUSES, type TaskStatus } from "./shapes";

/** Tasks by state. A card goes only where the hub's state machine lets it; what a move needs is asked for first. */
export function Board({ filter }: { filter: CardFilter }) {
  const { status: _, ...shared } = filter;
  // How many there are says which columns there are: none is drawn before that is known, so none moves after it.
  const query = useQuery({ ...countsQuery(shared), placeholderData: keepPreviousData });
  return (
    <Loaded query={query}>
      {({ total, counts }) =>
        total === 0 ? (
          <NoTasks narrowed={Object.values(filter).some(Boolean)} />
        ) : (
          <Columns filter={shared} counts={counts} />
        )
      }
    </Loaded>
  );
}

function NoTasks({ narrowed }: { narrowed: boolean }) {
  return (
    <Empty title="No tasks here." cli="corral task create --title 'Say hello' -- echo hello">
      {narrowed ? "Nothing matches these filters." : "Create one, or let the demo make a few: corral demo"}
    </Empty>
  );
}

interface ColumnsProps {
  readonly filter: CardFilter;
  readonly counts: Readonly<Partial<Record<TaskStatus, number>>>;
}

function Columns({ filter, counts }: ColumnsProps) {
  const board = useRef<HTMLDivElement>(null);
  const { open, choose } = useOpenColumns(counts, useWidth(board));
  const [carried, setCarried] = useState<Card | null>(null);
  const [asking, setAsking] = useState<{ task: Card; move: Move } | null>(null);
  const move = useMove();
  const moveTo = (to: TaskStatus) => carried && moveBetween(carried.status, to, carried.run_kind === "manual");
  const takes = (to: TaskStatus) => (carried === null ? null : Boolean(moveTo(to)));
  const countOf = (status: TaskStatus) => counts[status] ?? 0;
  function drop(to: TaskStatus) {
    const chosen = moveTo(to);
    if (carried && chosen?.asks) setAsking({ task: carried, move: chosen });
    else if (carried && chosen) move.mutate({ task: carried, move: chosen, text: "" });
    setCarried(null);
  }
  return (
    <div className={style.board} ref={board}>
      {open.map((status) => (
        <Column
          key={status}
          status={status}
          filter={filter}
          count={countOf(status)}
          takes={takes(status)}
          onCarry={setCarried}
          onDrop={() => drop(status)}
        />
      ))}
      {open.length > 0 && (
        <OtherStates
          states={STATUSES.filter((it) => !open.includes(it))}
          countOf={countOf}
          takes={takes}
          onOpen={choose}
          onDrop={drop}
        />
      )}
      {asking?.move.asks && (
        <MoveDialog
          task={asking.task}
          move={{ ...asking.move, asks: asking.move.asks }}
          onClose={() => setAsking(null)}
          onDo={(text) => move.mutate({ ...asking, text })}
        />
      )}
    </div>
  );
}

/** Which columns are open; none before the width of the board is known. */
function useOpenColumns(counts: ColumnsProps["counts"], width: number) {
  const [chosen, setChosen] = useState<readonly TaskStatus[]>([]);
  const [held, setHeld] = useState<readonly TaskStatus[]>([]);
  const open = width === 0 ? [] : openColumns(counts, width, chosen, held);
  const now = open.join(" ");
  useEffect(() => setHeld(STATUSES.filter((it) => now.split(" ").includes(it))), [now]);
  const choose = (status: TaskStatus) => setChosen((before) => [status, ...before.filter((it) => it !== status)]);
  return { open, choose };
}

function useWidth(of: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = of.current;
    if (element === null) return;
    const look = () => setWidth(element.clientWidth);
    const observer = new ResizeObserver(look);
    observer.observe(element);
    look();
    return () => observer.disconnect();
  }, [of]);
  return width;
}
