import { CircleAlert, TriangleAlert } from "lucide-react";
import type { PlacedProblem } from "../definition/places";
import { useEditor } from "./context";
import { focusField } from "./focus";
import style from "./Panel.module.css";

/** Problems, worst first; each leads to where it is. */
export function ProblemList({ problems }: { problems: readonly PlacedProblem[] }) {
  const { select } = useEditor();
  if (problems.length === 0) return null;
  function go({ place }: PlacedProblem) {
    select(place.key === "" ? [] : [place.key]);
    focusField(place.field);
  }
  return (
    <ul className={style.problems}>
      {problems
        .toSorted((a, b) => Number(a.warning) - Number(b.warning))
        .map((problem) => {
          const Icon = problem.warning ? TriangleAlert : CircleAlert;
          return (
            <li key={`${problem.path} ${problem.code} ${problem.problem}`}>
              <button type="button" className={style.problem} onClick={() => go(problem)} title={problem.path}>
                <Icon
                  role="img"
                  aria-label={problem.warning ? "Warning" : "Problem"}
                  size={15}
                  className={problem.warning ? style.warn : style.bad}
                />
                <span>
                  {problem.place.key && <strong>{problem.place.key}: </strong>}
                  {problem.problem}
                  {problem.hint && <span className={style.soft}> — {problem.hint}</span>}
                </span>
              </button>
            </li>
          );
        })}
    </ul>
  );
}
