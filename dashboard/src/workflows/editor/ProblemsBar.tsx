import { ChevronDown, ChevronUp, CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useEditor } from "./context";
import style from "./Editor.module.css";
import { ProblemList } from "./ProblemList";

/** What is wrong with the draft, below the canvas: how much, and where. */
export function ProblemsBar() {
  const { problems } = useEditor();
  const [open, setOpen] = useState(false);
  const errors = problems.filter((problem) => !problem.warning).length;
  const warnings = problems.length - errors;
  const Icon = errors > 0 ? CircleAlert : warnings > 0 ? TriangleAlert : CircleCheck;
  const Fold = open ? ChevronDown : ChevronUp;
  return (
    <section className={style.problems} aria-label="Problems">
      <button type="button" aria-expanded={open} disabled={problems.length === 0} onClick={() => setOpen(!open)}>
        <Icon aria-hidden size={15} data-tone={errors > 0 ? "danger" : warnings > 0 ? "warn" : "ok"} />
        <span aria-live="polite">{said(errors, warnings)}</span>
        {problems.length > 0 && <Fold aria-hidden size={15} />}
      </button>
      {open && problems.length > 0 && (
        <div className={style.list}>
          <ProblemList problems={problems} />
        </div>
      )}
    </section>
  );
}

function said(errors: number, warnings: number): string {
  const parts = [errors > 0 && counted(errors, "problem"), warnings > 0 && counted(warnings, "warning")].filter(
    Boolean,
  );
  return parts.join(", ") || "No problems";
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
