import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Empty } from "@/ui/Empty";
import { useMove } from "./actions";
import style from "./Board.module.css";
import { Column } from "./Column";
import type { CardFilter } from "./cards";
import { MoveDialog } from "./MoveDialog";
import { type Move, moveBetween } from "./moves";
import { countsQuery } from "./queries";
import { type Card, STATUSES, type TaskStatus } from "./shapes";

/** Tasks by state. A card goes only where the hub's state machine lets it; what a move needs is asked for first. */
export function Board({ filter }: { filter: CardFilter }) {
  const { status: _, ...shared } = filter;
  const counts = useQuery(countsQuery(shared)).data;
  const [carried, setCarried] = useState<Card | null>(null);
  const [asking, setAsking] = useState<{ task: Card; move: Move } | null>(null);
  const move = useMove();
  function drop(to: TaskStatus) {
    const chosen = carried && moveBetween(carried.status, to, carried.run_kind === "manual");
    if (carried && chosen?.asks) setAsking({ task: carried, move: chosen });
    else if (carried && chosen) move.mutate({ task: carried, move: chosen, text: "" });
    setCarried(null);
  }
  if (counts && counts.total === 0) {
    return (
      <Empty title="No tasks here." cli="corral task create --title 'Say hello' -- echo hello">
        {Object.values(filter).some(Boolean)
          ? "Nothing matches these filters."
          : "Create one, or let the demo make a few: corral demo"}
      </Empty>
    );
  }
  return (
    <div className={style.board}>
      {STATUSES.map((status) => (
        <Column
          key={status}
          status={status}
          filter={shared}
          count={counts?.counts[status]}
          takes={
            carried === null ? null : moveBetween(carried.status, status, carried.run_kind === "manual") !== undefined
          }
          onCarry={setCarried}
          onDrop={() => drop(status)}
        />
      ))}
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
