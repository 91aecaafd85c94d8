import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Cli } from "@/ui/Cli";
import { line } from "@/ui/commandline";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import { EndActions } from "./EndActions";
import { doing, isOver, stampOf } from "./filters";
import { LiveTerminal } from "./LiveTerminal";
import { Over } from "./Over";
import { type Session, sessionQuery } from "./queries";
import style from "./SessionPage.module.css";
import { type Tab, tabOf, visitTo } from "./visit";

const About = lazy(() => import("./About"));
const Replay = lazy(() => import("@/recordings/Replay"));
const route = getRouteApi("/shell/terminals/$session");

const TABS: readonly { key: Tab; label: string }[] = [
  { key: "terminal", label: "Terminal" },
  { key: "replay", label: "Replay" },
  { key: "about", label: "About" },
];
const COMMANDS: Readonly<Record<Tab, string>> = { terminal: "attach", replay: "session replay", about: "session show" };

/** One session: its terminal, its recording, what is known of it. */
export function SessionPage() {
  const { session: asked } = route.useParams();
  const query = useQuery(sessionQuery(asked));
  const tab = tabOf(route.useSearch());
  const name = query.data?.name ?? asked;
  return (
    <Page
      title={name}
      full={tab !== "about"}
      lead={<Back />}
      actions={
        <span className={style.cli}>
          <Cli command={`corral ${COMMANDS[tab]} ${query.data ? calling(query.data) : line([asked])}`} />
        </span>
      }
    >
      <Loaded query={query}>{(session) => <Visited key={session.id} session={session} tab={tab} />}</Loaded>
    </Page>
  );
}

/** How a command names it: by its name, or by the beginning of its id where that is shorter. */
function calling({ name, short_id }: Session): string {
  return /^[\w.-]{1,24}$/.test(name) ? name : short_id;
}

function Back() {
  return (
    <Link to="/terminals" aria-label="All terminals" className={style.back}>
      <ArrowLeft aria-hidden size={18} />
    </Link>
  );
}

function Visited({ session, tab }: { session: Session; tab: Tab }) {
  const navigate = route.useNavigate();
  const search = route.useSearch();
  return (
    <>
      <Doing session={session} />
      <div className={style.bar}>
        <Tabs
          label="What of this session"
          tabs={TABS}
          current={tab}
          onChoose={(chosen) => void navigate({ search: visitTo(chosen) })}
        />
        <span className={style.actions}>
          <EndActions session={session} />
        </span>
      </div>
      {tab === "terminal" && <TerminalTab session={session} />}
      <Suspense>
        {tab === "replay" && (
          <Replay
            session={session}
            at={search.at ?? null}
            onMoment={(at) => void navigate({ search: { replay: true, at }, replace: true })}
          />
        )}
        {tab === "about" && <About session={session} />}
      </Suspense>
    </>
  );
}

/** Who sees a session end keeps its last screen. */
function TerminalTab({ session }: { session: Session }) {
  const [wasOver] = useState(isOver(session));
  return wasOver ? <Over session={session} /> : <LiveTerminal session={session} />;
}

/** What it does, why that is believed, since when; where, and for which task. */
function Doing({ session }: { session: Session }) {
  const { attention } = session;
  return (
    <div className={style.doing}>
      <Status of={doing(session)} />
      <span className={style.why} title={attention?.why}>
        {attention ? <bdi>{attention.why}</bdi> : session.error}
        {attention && <Since at={stampOf(attention.since)} prefix=" · for " />}
      </span>
      <span className={style.where}>
        <bdi>{session.server_name}</bdi>
        {session.task_id && (
          <>
            {" · "}
            <Link to="/tasks/$task" params={{ task: session.task_id }}>
              its task
            </Link>
          </>
        )}
      </span>
    </div>
  );
}
