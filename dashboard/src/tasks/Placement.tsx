import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleX } from "lucide-react";
import { addressOf } from "@/servers/state";
import { Card } from "@/ui/Card";
import { Json } from "@/ui/Json";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Tag } from "@/ui/Status";
import { spaced } from "@/ui/tones";
import style from "./Placement.module.css";
import { explainQuery } from "./queries";
import type { Explanation } from "./shapes";

/** Why this host, why not that one, why it still waits. */
export function Placement({ taskId }: { taskId: string }) {
  return (
    <Loaded query={useQuery(explainQuery(taskId))}>
      {(explanation) => (
        <>
          <Decided explanation={explanation} />
          {explanation.servers.map((server) => (
            <Server
              key={server.server_id}
              server={server}
              chosen={server.server_id === explanation.decision?.server_id}
            />
          ))}
          <Card title="What it requires">
            <Json value={explanation.requirements} label="requirements" />
          </Card>
        </>
      )}
    </Loaded>
  );
}

function Decided({ explanation: { decision, waiting, recomputed_equal } }: { explanation: Explanation }) {
  return (
    <Card title={decision ? `Placed on ${decision.chosen ?? "a server you may not see"}` : "Not placed"}>
      {decision && (
        <p>
          With {decision.score ?? 0} points, <Since at={decision.at} suffix=" ago" />.{" "}
          {recomputed_equal === true && "Judged again on the stored inputs, it comes out the same."}
          {recomputed_equal === false && "Judged again by today's rules, it would come out differently."}
        </p>
      )}
      {waiting.length > 0 && (
        <ul className={style.reasons}>
          {waiting.map((it) => (
            <li key={`${it.code}${it.detail}`}>
              <strong>{spaced(it.code)}</strong> — {it.detail}
              {it.since && (
                <span className={style.since}>
                  {" "}
                  <Since at={it.since} prefix="for " />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Server({ server, chosen }: { server: Explanation["servers"][number]; chosen: boolean }) {
  return (
    <Card
      title={server.name}
      actions={
        <span className={style.verdict}>
          {chosen && <Tag tone="accent">chosen</Tag>}
          <Tag tone={server.placeable ? "ok" : server.eligible ? "warn" : "danger"}>
            {server.placeable ? "could take it" : server.eligible ? "suitable, not free" : "not suitable"}
          </Tag>
          <strong>{server.score} points</strong>
          <Link to="/servers/$server" params={{ server: addressOf({ id: server.server_id, name: server.name }) }}>
            open
          </Link>
        </span>
      }
    >
      <ul className={style.parts}>
        {server.parts.map((part) => (
          <li key={part.rule}>
            {part.passed ? (
              <CircleCheck aria-label="passed" size={14} />
            ) : (
              <CircleX aria-label="failed" size={14} className={style.failed} />
            )}
            <span>
              {spaced(part.rule)} {part.kind === "hard" && <Tag>required</Tag>}
            </span>
            <span className={style.detail}>{part.detail}</span>
            <span className={style.points}>{part.score > 0 ? `+${part.score}` : part.score || ""}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
