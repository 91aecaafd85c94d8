import { CircleAlert, CircleCheck, CircleDot, RefreshCw } from "lucide-react";
import { Button } from "@/ui/Button";
import { Since } from "@/ui/Since";
import { Tag } from "@/ui/Status";
import style from "../Opened.module.css";
import type { DraftStore } from "./draft";
import { useDraftState } from "./useDraft";

interface SaveStateProps {
  readonly draft: DraftStore;
  readonly changed: boolean;
  readonly published: boolean;
}

/** Whether the draft is saved, since when, and why not; and whether it differs from what is published. */
export function SaveState({ draft, changed, published }: SaveStateProps) {
  const { phase, base } = useDraftState(draft);
  const dirty = draft.dirty;
  return (
    <>
      {published && (changed || dirty) && <Tag tone="warn">draft changed</Tag>}
      <span className={style.save} role="status">
        {phase.name === "failed" && (
          <>
            <CircleAlert aria-hidden size={14} className={style.bad} />
            <span className={style.bad}>
              not saved: {phase.error instanceof Error ? phase.error.message : "the hub did not say why"}
            </span>
            <Button small onClick={() => void draft.flush().catch(() => {})}>
              Try again
            </Button>
          </>
        )}
        {phase.name === "conflict" && (
          <>
            <CircleAlert aria-hidden size={14} className={style.bad} /> not saved
          </>
        )}
        {phase.name === "saving" && (
          <>
            <RefreshCw aria-hidden size={14} /> saving
          </>
        )}
        {phase.name === "quiet" && dirty && (
          <>
            <CircleDot aria-hidden size={14} /> unsaved
          </>
        )}
        {phase.name === "quiet" && !dirty && (
          <>
            <CircleCheck aria-hidden size={14} /> saved <Since at={base.at} suffix=" ago" />
          </>
        )}
      </span>
    </>
  );
}
