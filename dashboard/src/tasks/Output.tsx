import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Empty } from "@/ui/Empty";
import { Notice } from "@/ui/Notice";
import style from "./Output.module.css";
import { linesOf } from "./outputLines";
import { outputQuery } from "./queries";

const KEPT = 20_000; // lines that stand on the page; the command line has all of them

/** What the task printed, live; it follows the end as long as one is there. */
export function Output({ taskId }: { taskId: string }) {
  const query = useInfiniteQuery(outputQuery(taskId));
  const { hasNextPage, isFetching, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const lines = useMemo(() => linesOf(query.data?.pages.flatMap((page) => page.chunks) ?? []), [query.data]);
  const [follows, setFollows] = useState(true);
  const box = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (follows && box.current && lines) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, follows]);
  if (query.isError) return <Notice error={query.error} />;
  if (query.isSuccess && lines.length === 0)
    return <Empty title="Nothing was printed yet.">It appears here as it comes.</Empty>;
  const hidden = Math.max(0, lines.length - KEPT);
  return (
    <section aria-label="Output" className={style.output}>
      {hidden > 0 && (
        <p className={style.hidden}>
          {hidden.toLocaleString()} earlier lines: <code>corral task logs {taskId.slice(0, 8)}</code>
        </p>
      )}
      <pre
        ref={box}
        tabIndex={0}
        onScroll={({ currentTarget: it }) => setFollows(it.scrollHeight - it.scrollTop - it.clientHeight < 24)}
      >
        {lines.slice(hidden).map((line) => (
          <span key={line.key} className={line.stream === "stderr" ? style.stderr : undefined}>
            {line.text}
          </span>
        ))}
      </pre>
    </section>
  );
}
