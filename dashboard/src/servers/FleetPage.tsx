import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useMayWrite } from "@/login/queries";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Since } from "@/ui/Since";
import { Status, Tag } from "@/ui/Status";
import style from "./FleetPage.module.css";
import { useLiveLoad } from "./liveLoad";
import { Meter } from "./Meter";
import { serversQuery } from "./queries";
import { addressOf, type Server, stateOf } from "./state";

export function FleetPage() {
  useLiveLoad();
  return (
    <Page title="Fleet" cli="corral server list" actions={<Join />}>
      <Loaded query={useQuery(serversQuery)}>
        {({ servers }) =>
          servers.length === 0 ? (
            <Empty title="No machine has joined yet." cli="corral token create">
              A machine joins with one pasted line. <Link to="/servers/join">Get it</Link>
            </Empty>
          ) : (
            <ul className={style.grid}>
              {servers.map((server) => (
                <li key={server.id}>
                  <Machine server={server} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}

function Join() {
  if (!useMayWrite()) return null;
  return (
    <Link to="/servers/join" className={style.join}>
      <Plus aria-hidden size={16} /> Join a machine
    </Link>
  );
}

function Machine({ server }: { server: Server }) {
  const state = stateOf(server);
  const { system_info: info, capabilities } = server;
  return (
    <Link to="/servers/$server" params={{ server: addressOf(server) }} className={style.machine} data-row>
      <span className={style.head}>
        <strong>{server.name}</strong>
        <Status of={state.word} />
      </span>
      <span className={style.why}>
        {state.why}
        {!server.connected && <Since at={server.last_heartbeat} prefix=" · last heard " suffix=" ago" />}
      </span>
      <Meter
        label="Slots"
        value={server.slots.used}
        of={server.slots.max}
        text={`${server.slots.used} / ${server.slots.max}`}
      />
      <Meter label="CPU" value={info.cpu_percent} of={100} text={percent(info.cpu_percent)} />
      <Meter label="Memory" value={info.memory_percent} of={100} text={percent(info.memory_percent)} />
      <Meter label="Disk" value={info.disk_percent} of={100} text={percent(info.disk_percent)} />
      <span className={style.tags}>
        {capabilities.agents.map((agent) => (
          <Tag key={agent.name} tone={agent.logged_in === false ? "warn" : "accent"}>
            {agent.name}
            {agent.logged_in === false && " (logged out)"}
          </Tag>
        ))}
        {capabilities.tags.map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
      </span>
    </Link>
  );
}

function percent(value: number | undefined): string {
  return value === undefined ? "not told" : `${Math.round(value)} %`;
}
