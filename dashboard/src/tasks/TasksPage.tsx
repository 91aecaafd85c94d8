import { getRouteApi, Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { lazy, Suspense } from "react";
import { useMayWrite } from "@/login/queries";
import { Page } from "@/ui/Page";
import { Tabs } from "@/ui/Tabs";
import { Board } from "./Board";
import { Filters } from "./Filters";
import { useLiveCards } from "./liveCards";
import { boardCommand, type View } from "./search";
import { TaskList } from "./TaskList";
import style from "./TasksPage.module.css";

const Graph = lazy(() => import("./Graph"));
const route = getRouteApi("/shell/tasks");

const VIEWS: readonly { key: View; label: string }[] = [
  { key: "board", label: "Board" },
  { key: "list", label: "List" },
  { key: "graph", label: "Graph" },
];

export function TasksPage() {
  const { view = "board", ...filter } = route.useSearch();
  const navigate = route.useNavigate();
  useLiveCards();
  return (
    <Page title="Tasks" full cli={boardCommand(filter)} actions={<NewTask />}>
      <div className={style.bar}>
        <Tabs
          label="How tasks are shown"
          tabs={VIEWS}
          current={view}
          onChoose={(chosen) => navigate({ search: { ...filter, ...(chosen !== "board" && { view: chosen }) } })}
        />
        <Filters
          filter={filter}
          withStatus={view !== "board"}
          onChange={(next) => navigate({ search: { ...next, ...(view !== "board" && { view }) }, replace: true })}
        />
      </div>
      <div className={style.body}>
        {view === "board" && <Board filter={filter} />}
        {view === "list" && <TaskList filter={filter} />}
        {view === "graph" && (
          <Suspense>
            <Graph filter={filter} />
          </Suspense>
        )}
      </div>
    </Page>
  );
}

function NewTask() {
  if (!useMayWrite()) return null;
  return (
    <Link to="/tasks/new" className={style.create}>
      <Plus aria-hidden size={16} /> New task
    </Link>
  );
}
