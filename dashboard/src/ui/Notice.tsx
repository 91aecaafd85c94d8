import { CircleAlert } from "lucide-react";
import { Problem } from "@/api/problem";
import { Button } from "./Button";
import style from "./Notice.module.css";

/** What went wrong, why, and what to do next. */
export function Notice({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = error instanceof Problem ? error : null;
  const detail = error instanceof Error ? error.message : String(error);
  return (
    <div role="alert" className={style.notice}>
      <CircleAlert aria-hidden size={16} />
      <div>
        <p>{detail}</p>
        {problem?.hint && <p className={style.hint}>{problem.hint}</p>}
      </div>
      {retry && (
        <Button small onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}
