import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Notice } from "@/ui/Notice";
import { Since } from "@/ui/Since";
import { spaced } from "@/ui/tones";
import style from "./LetterList.module.css";
import { lettersQuery } from "./queries";
import type { LetterSearch } from "./search";
import type { LetterBrief } from "./shapes";

interface LetterListProps {
  readonly search: LetterSearch;
  readonly names: ReadonlyMap<number, string>;
  readonly onChoose: (letter: number) => void;
}

/** Dead letters, the one that has waited longest first. */
export function LetterList({ search, names, onChoose }: LetterListProps) {
  const query = useInfiniteQuery(lettersQuery(search));
  if (query.isError) return <Notice error={query.error} retry={() => void query.refetch()} />;
  const letters = query.data?.pages.flatMap((page) => page.dead_letters) ?? [];
  if (query.isSuccess && letters.length === 0) {
    const narrowed = search.workflow !== undefined || search.node_type !== undefined;
    return (
      <Empty title="No dead letters.">
        {narrowed
          ? "None of this workflow and node type: another filter may show some."
          : "What fails for good waits here with its input, to be tried again."}
      </Empty>
    );
  }
  return (
    <div className={style.list}>
      <ul aria-label="Dead letters">
        {letters.map((letter) => (
          <li key={letter.id} aria-current={letter.id === search.letter || undefined}>
            <Row letter={letter} workflow={names.get(letter.workflow_id)} onChoose={onChoose} />
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  );
}

interface RowProps {
  readonly letter: LetterBrief;
  readonly workflow: string | undefined;
  readonly onChoose: (letter: number) => void;
}

function Row({ letter, workflow, onChoose }: RowProps) {
  return (
    <button type="button" data-row onClick={() => onChoose(letter.id)}>
      <span className={style.title}>
        {workflow ?? `workflow ${letter.workflow_id}`} · {letter.key}
      </span>
      <span className={style.since}>
        <Since at={letter.last_error_at} suffix=" ago" />
      </span>
      <span className={style.error} title={letter.error.message}>
        {spaced(letter.error.kind)}: {letter.error.message}
      </span>
      <span className={style.since}>
        {letter.node_type}
        {letter.replays > 0 && `, failed again ${letter.replays}×`}
      </span>
    </button>
  );
}
