import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "@/ui/Button";
import { Json } from "@/ui/Json";
import { Notice } from "@/ui/Notice";
import { Since } from "@/ui/Since";
import { spaced } from "@/ui/tones";
import style from "./History.module.css";
import { historyQuery } from "./queries";
import type { HistoryEntry } from "./shapes";

/** Everything that happened, in the order in which it was decided. */
export function History({ runId }: { runId: string }) {
  const query = useInfiniteQuery(historyQuery(runId));
  if (query.isError) return <Notice error={query.error} retry={() => void query.refetch()} />;
  const events = query.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <div className={style.history}>
      <ol aria-label="History">
        {events.map((event) => (
          <Entry key={event.number} event={event} />
        ))}
      </ol>
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  );
}

function Entry({ event }: { event: HistoryEntry }) {
  return (
    <li data-row tabIndex={-1}>
      <span className={style.number}>{event.number}</span>
      <span className={style.what}>{spaced(event.type)}</span>
      <span className={style.key}>{event.key}</span>
      <span className={style.when}>
        <Since at={event.at} suffix=" ago" />
      </span>
      <details>
        <summary>{brief(event.fact)}</summary>
        <Json value={event.fact} label={`fact ${event.number}`} />
      </details>
    </li>
  );
}

function brief(fact: object): string {
  const told = Object.entries(fact).filter(([name, value]) => name !== "key" && value !== null);
  const text = told.map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
  const line = text.join(" · ") || "nothing more";
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
