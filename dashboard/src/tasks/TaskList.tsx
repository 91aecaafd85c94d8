import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { Empty } from "@/ui/Empty";
import { Notice } from "@/ui/Notice";
import { Since } from "@/ui/Since";
import { Status, Tag } from "@/ui/Status";
import { spaced } from "@/ui/tones";
import type { CardFilter } from "./cards";
import { cardsQuery } from "./queries";
import type { Card } from "./shapes";
import style from "./TaskList.module.css";

const ROW = 40;
const AHEAD = 30;

/** Tasks newest first, one line each. */
export function TaskList({ filter }: { filter: CardFilter }) {
  const query = useInfiniteQuery(cardsQuery(filter));
  const cards = useMemo(() => query.data?.pages.flatMap((page) => page.tasks) ?? [], [query.data]);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: cards.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
    getItemKey: (index) => cards[index]?.id ?? index,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= cards.length - AHEAD) void fetchNextPage();
  }, [last, cards.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (query.isError) return <Notice error={query.error} retry={() => void query.refetch()} />;
  if (query.isSuccess && cards.length === 0) {
    return (
      <Empty title="No tasks here." cli="corral task create --title 'Say hello' -- echo hello">
        Nothing matches these filters.
      </Empty>
    );
  }
  return (
    <div ref={scroller} className={style.scroller} tabIndex={-1}>
      <ul style={{ blockSize: rows.getTotalSize() }} aria-label="Tasks">
        {shown.map((row) => {
          const card = cards[row.index];
          return (
            card && (
              <li key={row.key} style={{ transform: `translateY(${row.start}px)` }}>
                <Row task={card} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

function Row({ task }: { task: Card }) {
  return (
    <Link to="/tasks/$task" params={{ task: task.id }} preload={false} className={style.row} data-row>
      <code>{task.short_id}</code>
      <Status of={task.status} />
      <span className={style.title}>{task.title}</span>
      <span className={style.why} title={task.reason?.detail}>
        {task.reason && spaced(task.reason.code)}
      </span>
      {task.priority !== "normal" && <Tag tone={task.priority === "low" ? "quiet" : "warn"}>{task.priority}</Tag>}
      <span className={style.server}>{task.assigned_server_name}</span>
      <span className={style.since}>
        <Since at={task.since} />
      </span>
    </Link>
  );
}
