import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Card } from "@/ui/Card";
import { line } from "@/ui/commandline";
import { Empty } from "@/ui/Empty";
import { Json } from "@/ui/Json";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import { Abilities } from "./Abilities";
import { Figures } from "./Figures";
import { useLiveLoad } from "./liveLoad";
import { serverQuery } from "./queries";
import { ServerActions } from "./ServerActions";
import style from "./ServerPage.module.css";
import { addressOf, overridden, type Server, stateOf } from "./state";
import { WorkHere } from "./WorkHere";

const route = getRouteApi("/shell/servers/$server");

export function ServerPage() {
  useLiveLoad();
  const { server } = route.useParams();
  return <Loaded query={useQuery(serverQuery(server))}>{(found) => <Machine server={found} />}</Loaded>;
}

function Machine({ server }: { server: Server }) {
  const state = stateOf(server);
  return (
    <Page
      title={server.name}
      lead={
        <Link to="/servers" className={style.back}>
          Fleet /
        </Link>
      }
      cli={line(["corral", "server", "show", addressOf(server)])}
      actions={<ServerActions server={server} />}
    >
      <div className={style.state}>
        <Status of={state.word} />
        <span>{state.why}</span>
        {server.last_heartbeat && (
          <span>
            · last heard <Since at={server.last_heartbeat} suffix=" ago" />
          </span>
        )}
      </div>
      <div className={style.columns}>
        <div className={style.main}>
          <WorkHere server={server} />
          <Card title="What it can do">
            <Abilities capabilities={server.capabilities} />
          </Card>
          <Overrides server={server} />
        </div>
        <Card title="Figures">
          <Figures server={server} />
        </Card>
      </div>
    </Page>
  );
}

function Overrides({ server }: { server: Server }) {
  const changes = overridden(server);
  return (
    <Card title="Overridden by an administrator">
      {changes.length === 0 ? (
        <Empty title="Nothing: it counts as what it announced and what was probed." />
      ) : (
        changes.map((change) => (
          <div key={change.field}>
            <h3>{change.field}</h3>
            <p>It announced:</p>
            <Json value={change.announced ?? null} label={`announced ${change.field}`} />
            <p>It counts as:</p>
            <Json value={change.now} label={`overridden ${change.field}`} />
          </div>
        ))
      )}
    </Card>
  );
}
