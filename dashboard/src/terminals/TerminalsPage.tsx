import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useMayWrite } from "@/login/queries";
import { Button } from "@/ui/Button";
import { line } from "@/ui/commandline";
import { Empty } from "@/ui/Empty";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Tabs } from "@/ui/Tabs";
import { arranged, type Filters, filtersOf, searchFor } from "./filters";
import { useProjects } from "./places";
import { type Session, sessionsQuery } from "./queries";
import { SessionTable } from "./SessionTable";
import { TerminalFilters } from "./TerminalFilters";
import style from "./TerminalsPage.module.css";

const Grid = lazy(() => import("./Grid"));
const StartDialog = lazy(() => import("./StartDialog"));
const route = getRouteApi("/shell/terminals");

const VIEWS = [
  { key: "grid", label: "Grid" },
  { key: "list", label: "List" },
] as const;

/** All terminals: those that wait for somebody first. */
export function TerminalsPage() {
  const filters = filtersOf(route.useSearch());
  const navigate = route.useNavigate();
  const [starting, setStarting] = useState(false);
  const projects = useProjects();
  const project = projects.find((it) => it.id === filters.project || it.name === filters.project);
  const change = (next: Partial<Filters>) =>
    void navigate({ search: searchFor({ ...filters, ...next }), replace: true });
  return (
    <Page title="Terminals" cli={commandFor(filters)} actions={<StartButton onStart={() => setStarting(true)} />}>
      <div className={style.bar}>
        <Tabs
          label="How terminals are shown"
          tabs={VIEWS}
          current={filters.view}
          onChoose={(view) => change({ view })}
        />
        <TerminalFilters filters={filters} onChange={change} />
      </div>
      <Found filters={filters} projectId={project?.id ?? filters.project} onStart={() => setStarting(true)} />
      {starting && (
        <Suspense>
          <StartDialog server={filters.server} project={project?.name} onClose={() => setStarting(false)} />
        </Suspense>
      )}
    </Page>
  );
}

function StartButton({ onStart }: { onStart: () => void }) {
  if (!useMayWrite()) return null;
  return (
    <Button kind="primary" icon={Plus} onClick={onStart}>
      New session
    </Button>
  );
}

interface FoundProps {
  readonly filters: Filters;
  readonly projectId: string | undefined;
  readonly onStart: () => void;
}

function Found({ filters, projectId, onStart }: FoundProps) {
  const query = useInfiniteQuery(
    sessionsQuery({ status: filters.status, server: filters.server, project_id: projectId }),
  );
  if (query.data === undefined) return query.isError ? <Notice error={query.error} /> : null;
  const all = query.data.pages.flatMap((page) => page.sessions);
  const sessions = arranged(all, filters.attention);
  return (
    <>
      {sessions.length === 0 ? <Nothing filters={filters} onStart={onStart} /> : <Shown {...{ filters, sessions }} />}
      {query.hasNextPage && (
        <Button className={style.more} busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

function Shown({ filters, sessions }: { filters: Filters; sessions: readonly Session[] }) {
  if (filters.view === "list") return <SessionTable sessions={sessions} />;
  return (
    <Suspense>
      <Grid sessions={sessions} />
    </Suspense>
  );
}

function Nothing({ filters, onStart }: { filters: Filters; onStart: () => void }) {
  const mayWrite = useMayWrite();
  const isNarrowed = filters.server !== undefined || filters.project !== undefined || filters.attention !== undefined;
  if (isNarrowed) return <Empty title="No terminal is like that.">Another filter may show some.</Empty>;
  if (filters.status === "ended") return <Empty title="No session has ended yet.">Those that end stay here.</Empty>;
  return (
    <Empty title="No terminal is open." cli="corral session start --attach">
      <p>A session runs on one of your machines and goes on when you leave. Start one here or on the command line.</p>
      {mayWrite && (
        <p>
          <Button kind="primary" icon={Plus} onClick={onStart}>
            Start a session
          </Button>
        </p>
      )}
    </Empty>
  );
}

function commandFor(filters: Filters): string {
  const status = filters.status === "live" ? ["--status", "running"] : [];
  const server = filters.server ? ["--server", filters.server] : [];
  const project = filters.project ? ["--project", filters.project] : [];
  return line(["corral", "session", "list", ...status, ...server, ...project]);
}
