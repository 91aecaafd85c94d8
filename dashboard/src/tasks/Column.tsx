import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { Notice } from "@/ui/Notice";
import { Status } from "@/ui/Status";
import style from "./Column.module.css";
import type { CardFilter } from "./cards";
import { cardsQuery } from "./queries";
import type { Card, TaskStatus } from "./shapes";
import { CARD_HEIGHT, TaskCard } from "./TaskCard";

const AHEAD = 20; // cards before the end of what is loaded at which the next page is asked for

interface ColumnProps {
  readonly status: TaskStatus;
  readonly filter: CardFilter;
  readonly count: number;
  /** While a card is carried: whether it may be put here. */
  readonly takes: boolean | null;
  readonly onCarry: (card: Card | null) => void;
  readonly onDrop: () => void;
}

/** One state's tasks: only the cards in view are drawn, and only the pages that were scrolled to are loaded. */
export function Column({ status, filter, count, takes, onCarry, onDrop }: ColumnProps) {
  const query = useInfiniteQuery({ ...cardsQuery({ ...filter, status }), enabled: count !== 0 });
  const cards = useMemo(() => query.data?.pages.flatMap((page) => page.tasks) ?? [], [query.data]);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: cards.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD_HEIGHT,
    overscan: 6,
    getItemKey: (index) => cards[index]?.id ?? index,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= cards.length - AHEAD) void fetchNextPage();
  }, [last, cards.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <section
      className={style.column}
      aria-label={`${status.replaceAll("_", " ")}, ${count} tasks`}
      data-takes={takes ?? undefined}
      onDragOver={(event) => takes && event.preventDefault()}
      onDrop={onDrop}
    >
      <header>
        <Status of={status} />
        <span className={style.count}>{count.toLocaleString()}</span>
      </header>
      {query.isError && <Notice error={query.error} retry={() => void query.refetch()} />}
      <div ref={scroller} className={style.scroller} tabIndex={-1}>
        <ul style={{ blockSize: rows.getTotalSize() }}>
          {shown.map((row) => {
            const card = cards[row.index];
            return (
              card && (
                <li key={row.key} style={{ transform: `translateY(${row.start}px)` }}>
                  <TaskCard task={card} onCarry={onCarry} />
                </li>
              )
            );
          })}
        </ul>
      </div>
    </section>
  );
}
