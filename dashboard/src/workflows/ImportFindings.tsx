import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { edgesOf, nodesOf } from "./definition/definition";
import { placed } from "./definition/places";
import type { Judged } from "./shapes";
import style from "./WorkflowsPage.module.css";

const FORMATS = {
  corral: "A workflow of Corral",
  machina: "An export of MachinaOs",
  automateos: "Steps of AutomateOS",
} as const;

/** What was recognised in a file, what was translated, and what no machine has. */
export function ImportFindings({ judged }: { judged: Judged }) {
  const { definition, problems, format } = judged;
  const nodes = nodesOf(definition).length;
  const unavailable = problems.filter((it) => it.code === "unknown_type").length;
  return (
    <section className={style.form} aria-label="What was found">
      <p>
        <CircleCheck aria-hidden size={14} /> {FORMATS[format]}: {nodes} nodes, {edgesOf(definition).length} edges
        {unavailable > 0 &&
          `; ${unavailable} of types that no machine has: they are kept, and keep it from being published`}
      </p>
      {problems.length > 0 && (
        <ul className={style.found} aria-label="Translated and missing">
          {placed(definition, problems).map((it) => {
            const Icon = it.warning ? TriangleAlert : CircleAlert;
            return (
              <li key={`${it.path} ${it.code} ${it.problem}`}>
                <Icon role="img" aria-label={it.warning ? "Note" : "Problem"} size={14} /> {it.problem}{" "}
                {it.hint && <span className={style.soft}>— {it.hint} </span>}
                <code>{it.path}</code>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
