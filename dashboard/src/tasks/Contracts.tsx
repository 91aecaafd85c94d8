import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { Card } from "@/ui/Card";
import { Empty } from "@/ui/Empty";
import { Json } from "@/ui/Json";
import { Loaded } from "@/ui/Loaded";
import { Status } from "@/ui/Status";
import style from "./Contracts.module.css";
import { problemsOf } from "./contractProblems";
import { contractsQuery, impactQuery } from "./queries";
import type { Task } from "./shapes";

/** What this task promised and delivered, what it takes from others, and whom a change would reach. */
export function Contracts({ task }: { task: Task }) {
  return (
    <>
      <Inputs task={task} />
      <Loaded query={useQuery(contractsQuery(task.id))}>
        {(contracts) => (
          <Promised task={task} declared={contracts.declared as Declared[]} published={contracts.published} />
        )}
      </Loaded>
      <Impact task={task} />
    </>
  );
}

interface Declared {
  readonly key: string;
  readonly schema?: unknown;
  readonly description?: string;
}

interface PromisedProps {
  readonly task: Task;
  readonly declared: readonly Declared[];
  readonly published: { readonly [key: string]: unknown };
}

function Promised({ task, declared, published }: PromisedProps) {
  if (declared.length === 0 && Object.keys(published).length === 0) {
    return (
      <Empty title="This task promises no contract.">
        A contract is a value with a schema that other tasks take as input.
      </Empty>
    );
  }
  const problems = problemsOf(task.feedback);
  const extra = Object.keys(published).filter((key) => !declared.some((it) => it.key === key));
  return [...declared, ...extra.map((key) => ({ key }) as Declared)].map((it) => (
    <Card
      key={it.key}
      title={it.key}
      actions={<Mark arrived={it.key in published} problems={problems.get(it.key) ?? []} />}
    >
      {it.description && <p>{it.description}</p>}
      {(problems.get(it.key) ?? []).map((text) => (
        <p key={text} className={style.problem}>
          {text}
        </p>
      ))}
      {it.key in published && <Json value={published[it.key]} label={`value of ${it.key}`} />}
      {it.schema !== undefined && (
        <details>
          <summary>Schema</summary>
          <Json value={it.schema} label={`schema of ${it.key}`} />
        </details>
      )}
    </Card>
  ));
}

function Mark({ arrived, problems }: { arrived: boolean; problems: readonly string[] }) {
  const [Icon, words] =
    problems.length > 0
      ? ([CircleX, "refused"] as const)
      : arrived
        ? ([CircleCheck, "delivered, valid"] as const)
        : ([CircleDashed, "not yet"] as const);
  return (
    <span className={style.mark} data-mark={words}>
      <Icon aria-hidden size={14} /> {words}
    </span>
  );
}

function Inputs({ task }: { task: Task }) {
  const inputs = task.dependencies.filter((edge) => edge.contract_key);
  if (inputs.length === 0) return null;
  return (
    <Card title="Takes as input">
      <ul className={style.list}>
        {inputs.map((edge) => (
          <li key={edge.id}>
            <code>{edge.contract_key}</code> from{" "}
            <Link to="/tasks/$task" params={{ task: edge.depends_on_task_id }}>
              {edge.title ?? edge.depends_on_task_id.slice(0, 8)}
            </Link>
            <Mark arrived={edge.resolved} problems={[]} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Impact({ task }: { task: Task }) {
  const impact = useQuery(impactQuery(task.id)).data;
  if (!impact || impact.tasks.length === 0) return null;
  return (
    <Card title="A change would reach">
      <ul className={style.list}>
        {impact.tasks.map((it) => (
          <li key={it.id}>
            <Status of={it.status} />
            <Link to="/tasks/$task" params={{ task: it.id }}>
              {it.title}
            </Link>
            <span className={style.depth}>
              {it.depth} {it.depth === 1 ? "step" : "steps"} away
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
