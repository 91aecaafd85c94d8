import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { Empty } from "@/ui/Empty";
import { Notice } from "@/ui/Notice";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import { span } from "@/ui/times";
import { questionsQuery, runsQuery } from "./queries";
import style from "./RunList.module.css";
import type { RunFilter } from "./search";
import type { RunBrief } from "./shapes";

const ROW = 48;
const AHEAD = 30;

/** Runs newest first, one line each. */
export function RunList({ filter }: { filter: RunFilter }) {
  const query = useInfiniteQuery(runsQuery(filter));
  const questions = useQuery(questionsQuery).data?.questions;
  const asked = useMemo(() => new Map(questions?.map((it) => [it.run_id, `asks at ${it.key}`])), [questions]);
  const runs = useMemo(() => query.data?.pages.flatMap((page) => page.runs) ?? [], [query.data]);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
    getItemKey: (index) => runs[index]?.id ?? index,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= runs.length - AHEAD) void fetchNextPage();
  }, [last, runs.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (query.isError) return <Notice error={query.error} retry={() => void query.refetch()} />;
  if (query.isSuccess && runs.length === 0) {
    return (
      <Empty title="No runs here." cli="corral workflow run <workflow>">
        Nothing matches these filters, or no workflow has run yet.
      </Empty>
    );
  }
  return (
    <div ref={scroller} className={style.scroller} tabIndex={-1}>
      <ul style={{ blockSize: rows.getTotalSize() }} aria-label="Runs">
        {shown.map((row) => {
          const run = runs[row.index];
          return (
            run && (
              <li key={row.key} style={{ transform: `translateY(${row.start}px)` }}>
                <Row run={run} asks={asked.get(run.id)} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

function Row({ run, asks }: { run: RunBrief; asks: string | undefined }) {
  const why = run.failed === null ? asks : `at ${run.failed}`;
  return (
    <Link to="/runs/$run" params={{ run: run.id }} preload={false} className={style.row} data-row>
      <code>{run.id.slice(0, 8)}</code>
      <span className={style.status}>
        <Status of={run.status} />
      </span>
      <span className={style.title}>
        {run.workflow}{" "}
        <span className={style.version}>{run.version === null ? "test of the draft" : `v${run.version}`}</span>
      </span>
      <span className={style.why} title={why}>
        {why}
      </span>
      <span className={style.by} title={`begun by ${run.started_by}`}>
        {run.trigger ?? run.started_by}
      </span>
      <span className={style.took}>
        {run.finished_at && span(Date.parse(run.finished_at) - Date.parse(run.created_at))}
      </span>
      <span className={style.since}>
        <Since at={run.finished_at ?? run.created_at} />
      </span>
    </Link>
  );
}
