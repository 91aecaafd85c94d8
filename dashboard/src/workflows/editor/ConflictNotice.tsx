import { Users } from "lucide-react";
import { useState } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Since } from "@/ui/Since";
import style from "../Opened.module.css";
import { DifferenceView } from "../publish/DifferenceView";
import type { DraftStore } from "./draft";
import { useDraftState } from "./useDraft";

/** Two people have edited the same draft: nothing is lost, and one of them decides. */
export function ConflictNotice({ draft }: { draft: DraftStore }) {
  const { phase, history } = useDraftState(draft);
  const [open, setOpen] = useState(false);
  if (phase.name !== "conflict") return null;
  return (
    <div className={style.conflict} role="alert">
      <Users aria-hidden size={18} />
      <p>
        Somebody else saved this draft <Since at={phase.theirs.updated_at} suffix=" ago" /> while you were editing it.
        Yours is not saved until you choose.
      </p>
      <Button small onClick={() => setOpen(true)}>
        Show the difference
      </Button>
      <Button small onClick={draft.takeTheirs}>
        Take theirs
      </Button>
      <Button small kind="primary" onClick={draft.keepMine}>
        Keep mine
      </Button>
      {open && (
        <Dialog title="From theirs to yours" onClose={() => setOpen(false)} wide>
          <DifferenceView before={phase.theirs.definition} after={history.now} />
        </Dialog>
      )}
    </div>
  );
}
