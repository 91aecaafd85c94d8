import { Status } from "@/ui/Status";
import style from "./OtherStates.module.css";
import type { TaskStatus } from "./shapes";

interface OtherStatesProps {
  readonly states: readonly TaskStatus[];
  readonly countOf: (status: TaskStatus) => number;
  /** Of each state, while a card is carried: whether it may be put here. */
  readonly takes: (status: TaskStatus) => boolean | null;
  readonly onOpen: (status: TaskStatus) => void;
  readonly onDrop: (status: TaskStatus) => void;
}

/** The states whose columns are not open: how many tasks each has; a click opens one, a card can be dropped on it. */
export function OtherStates({ states, countOf, takes, onOpen, onDrop }: OtherStatesProps) {
  if (states.length === 0) return null;
  return (
    <ul className={style.others} aria-label="Other states">
      {states.map((status) => {
        const may = takes(status);
        return (
          <li key={status}>
            <button
              type="button"
              data-takes={may ?? undefined}
              data-holds={countOf(status) > 0}
              onClick={() => onOpen(status)}
              onDragOver={(event) => may && event.preventDefault()}
              onDrop={() => onDrop(status)}
            >
              <Status of={status} />
              <span className="visually-hidden">, </span>
              <span className={style.count}>{countOf(status).toLocaleString()}</span>
              <span className="visually-hidden">tasks, open</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
