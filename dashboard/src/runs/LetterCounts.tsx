import { useQuery } from "@tanstack/react-query";
import { Since } from "@/ui/Since";
import { spaced } from "@/ui/tones";
import style from "./LetterCounts.module.css";
import { letterCountsQuery, oldestLetterQuery } from "./queries";

/** How many there are, of which kinds of error, and how long the oldest has waited. */
export function LetterCounts() {
  const counts = useQuery(letterCountsQuery).data;
  const oldest = useQuery(oldestLetterQuery).data;
  if (!counts || counts.total === 0) return null;
  return (
    <dl className={style.counts}>
      <div>
        <dt>in all</dt>
        <dd>{counts.total}</dd>
      </div>
      {Object.entries(counts.by_error).map(([kind, count]) => (
        <div key={kind}>
          <dt>{spaced(kind)}</dt>
          <dd>{count}</dd>
        </div>
      ))}
      {oldest && (
        <div>
          <dt>oldest</dt>
          <dd>
            <Since at={oldest.created_at} />
          </dd>
        </div>
      )}
    </dl>
  );
}
