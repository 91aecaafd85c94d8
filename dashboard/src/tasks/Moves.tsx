import { useState } from "react";
import { useMayWrite } from "@/login/queries";
import { Button } from "@/ui/Button";
import { useMove } from "./actions";
import { MoveDialog } from "./MoveDialog";
import { type Move, movesFrom } from "./moves";
import type { Card } from "./shapes";

/** The buttons of what a person can do with a task now; nothing for who may only look. */
export function Moves({ task, small }: { task: Card; small?: boolean }) {
  const mayWrite = useMayWrite();
  const move = useMove();
  const [asking, setAsking] = useState<Move | null>(null);
  if (!mayWrite) return null;
  function begin(chosen: Move) {
    if (chosen.asks) setAsking(chosen);
    else move.mutate({ task, move: chosen, text: "" });
  }
  return (
    <>
      {movesFrom(task.status, task.run_kind === "manual").map((it) => (
        <Button
          key={it.key}
          kind={it.kind === "primary" ? "primary" : "plain"}
          small={small}
          busy={move.isPending}
          onClick={() => begin(it)}
        >
          {it.label}
        </Button>
      ))}
      {asking?.asks && (
        <MoveDialog
          task={task}
          move={{ ...asking, asks: asking.asks }}
          onClose={() => setAsking(null)}
          onDo={(text) => move.mutate({ task, move: asking, text })}
        />
      )}
    </>
  );
}
