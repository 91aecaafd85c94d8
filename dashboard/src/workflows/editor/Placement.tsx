import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX, Unplug } from "lucide-react";
import { Loaded } from "@/ui/Loaded";
import type { Item } from "../definition/definition";
import { isObject, textOf } from "../definition/json";
import { placementQuery } from "../queries";
import type { Candidate } from "../shapes";
import { useEditor } from "./context";
import style from "./Panel.module.css";

/** Which machines could run the node now, and what is against the others. */
export function Placement({ item }: { item: Item }) {
  const { workflow, manifests } = useEditor();
  const type = textOf(item.value.type);
  const requires = isObject(item.value.requires) ? item.value.requires : {};
  const placement = useQuery({
    ...placementQuery(type, requires, workflow.project_id),
    enabled: !manifests.get(type)?.trigger && type !== "",
    placeholderData: (before) => before,
    retry: false,
  });
  if (manifests.get(type)?.trigger) return null;
  return (
    <details className={style.fold}>
      <summary>Where it could run</summary>
      <Loaded query={placement}>
        {(servers) => (
          <ul className={style.hosts} aria-label="Machines">
            {servers.map((server) => (
              <Host key={server.server_id} server={server} />
            ))}
            {servers.length === 0 && <li>No machine has joined: corral token create</li>}
          </ul>
        )}
      </Loaded>
    </details>
  );
}

function Host({ server }: { server: Candidate }) {
  const ready = server.fits && server.connected;
  const Icon = ready ? CircleCheck : server.fits ? Unplug : CircleX;
  const said = ready ? "could run it now" : server.fits ? "could, but is offline" : server.against.join("; ");
  return (
    <li>
      <Icon aria-hidden size={14} className={ready ? style.fits : server.fits ? style.warn : style.bad} />
      <span>
        <strong>{server.server}</strong> <span className={style.soft}>{said}</span>
      </span>
    </li>
  );
}
