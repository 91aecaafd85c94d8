import { Link } from "@tanstack/react-router";
import { Json } from "@/ui/Json";
import { Status } from "@/ui/Status";
import { spaced } from "@/ui/tones";
import type { RunDetail } from "../shapes";
import style from "./Panel.module.css";

type Ran = RunDetail["nodes"][number];

/** How a node stands in the last run, and what it put out there or what went wrong. */
export function LastResult({ run, node }: { run: RunDetail; node: Ran }) {
  const of = run.version === null ? "test run of the draft" : `run of version ${run.version}`;
  const why = node.error ? `${spaced(node.error.kind)}: ${node.error.message}` : node.why && spaced(node.why);
  return (
    <section className={style.result} aria-label="In the last run">
      <p className={style.outcome}>
        <Status of={node.status} />
        <span className={style.soft}>{of}</span>
        <Link to="/runs/$run" params={{ run: run.id }} search={{ node: node.key }}>
          Open the run
        </Link>
      </p>
      {why && <p className={node.error ? style.bad : style.soft}>{why}</p>}
      {node.output !== null && node.output !== undefined && <Json value={node.output} label="last output" />}
    </section>
  );
}
