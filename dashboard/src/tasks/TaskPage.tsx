import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Card as Box } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Status, Tag } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import { Why } from "@/ui/Why";
import { Activity } from "./Activity";
import { Attempts } from "./Attempts";
import { Contracts } from "./Contracts";
import { cardOf } from "./cards";
import { Facts } from "./Facts";
import { Moves } from "./Moves";
import { Notes } from "./Notes";
import { Output } from "./Output";
import { Overview } from "./Overview";
import { Placement } from "./Placement";
import { PlanReview } from "./PlanReview";
import { Questions } from "./Questions";
import { taskQuery } from "./queries";
import type { Tab } from "./search";
import type { Task } from "./shapes";
import style from "./TaskPage.module.css";

const route = getRouteApi("/shell/tasks/$task");

const LABELS: readonly { key: Tab; label: string }[] = [
  { key: "overview", label: "Overview" },
  { key: "contracts", label: "Contracts" },
  { key: "output", label: "Output" },
  { key: "notes", label: "Notes" },
  { key: "activity", label: "Activity" },
  { key: "attempts", label: "Attempts" },
  { key: "placement", label: "Placement" },
];

export function TaskPage() {
  const { task: id } = route.useParams();
  return <Loaded query={useQuery(taskQuery(id))}>{(task) => <TheTask task={task} />}</Loaded>;
}

function TheTask({ task }: { task: Task }) {
  const { tab = "overview" } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page
      title={task.title}
      lead={
        <Link to="/tasks" className={style.back}>
          Tasks
        </Link>
      }
      cli={`corral task show ${task.short_id}`}
      actions={<Moves task={cardOf(task)} />}
    >
      <div className={style.state}>
        <Status of={task.status} />
        {task.priority !== "normal" && <Tag tone="warn">{task.priority}</Tag>}
        <Tag>{task.type}</Tag>
        <Why reason={task.reason} />
        {task.error && !task.reason && <span className={style.error}>{task.error.message}</span>}
      </div>
      <PlanReview task={task} />
      <Questions task={task} />
      <div className={style.columns}>
        <div className={style.main}>
          <Tabs
            label="About this task"
            tabs={LABELS}
            current={tab}
            onChoose={(key) => navigate({ search: key === "overview" ? {} : { tab: key }, replace: true })}
          />
          <div role="tabpanel" aria-labelledby={`tab-${tab}`} className={style.panel}>
            <Panel tab={tab} task={task} />
          </div>
        </div>
        <aside className={style.side} aria-label="Facts">
          <Box title="Facts">
            <Facts task={task} />
          </Box>
        </aside>
      </div>
    </Page>
  );
}

function Panel({ tab, task }: { tab: Tab; task: Task }) {
  switch (tab) {
    case "overview":
      return <Overview task={task} />;
    case "contracts":
      return <Contracts task={task} />;
    case "output":
      return <Output taskId={task.id} />;
    case "notes":
      return <Notes taskId={task.id} />;
    case "activity":
      return <Activity taskId={task.id} />;
    case "attempts":
      return <Attempts taskId={task.id} />;
    case "placement":
      return <Placement taskId={task.id} />;
  }
}
