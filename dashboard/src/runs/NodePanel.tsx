import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RotateCcw, X } from "lucide-react";
import { useMayWrite } from "@/login/queries";
import { addressOf } from "@/servers/state";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Empty } from "@/ui/Empty";
import { Json } from "@/ui/Json";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import { span } from "@/ui/times";
import { Approval } from "./Approval";
import { useRetry } from "./actions";
import { NodeLogs } from "./NodeLogs";
import style from "./NodePanel.module.css";
import { Progress } from "./Progress";
import { edgesQuery } from "./queries";
import { baseOf, type NodeView, questionOf, type RunWhole } from "./shapes";
import { reasonOf } from "./words";

interface NodePanelProps {
  readonly run: RunWhole;
  readonly nodeKey: string;
  readonly mayAgain: boolean;
  readonly onChoose: (key: string | null) => void;
  readonly onBegun: (id: string) => void;
}

/** Everything about one node of the run. */
export function NodePanel({ run, nodeKey, mayAgain, onChoose, onBegun }: NodePanelProps) {
  const node = run.nodes.find((it) => it.key === nodeKey);
  const asked = node && questionOf(node);
  return (
    <div className={style.panel}>
      <header>
        <h2>{nodeKey}</h2>
        <Button kind="quiet" small icon={X} aria-label="Close the node" onClick={() => onChoose(null)} />
      </header>
      {node ? (
        <>
          <About node={node} />
          {asked && <Approval runId={run.id} nodeKey={node.key} asked={asked} />}
          {mayAgain && <Again run={run} node={node} onBegun={onBegun} />}
          {node.error && (
            <Card title="Error">
              <p className={style.kind}>{node.error.kind.replaceAll("_", " ")}</p>
              <pre className={style.message}>{node.error.message}</pre>
            </Card>
          )}
          <Items run={run} node={node} onChoose={onChoose} />
          <NodeLogs key={`${run.id} ${node.key}`} runId={run.id} nodeKey={node.key} />
          <Values run={run} node={node} onChoose={onChoose} />
        </>
      ) : (
        <Empty title="This run has no such node." />
      )}
    </div>
  );
}

function About({ node }: { node: NodeView }) {
  const took = node.begun_at && ENDED.has(node.status) ? Date.parse(node.since) - Date.parse(node.begun_at) : null;
  const why = node.error ? "" : reasonOf(node);
  return (
    <dl className={style.facts}>
      <dt>State</dt>
      <dd>
        <Status of={node.status} /> <Since at={node.since} prefix="for " />
      </dd>
      {why && (
        <>
          <dt>Why</dt>
          <dd>{why}</dd>
        </>
      )}
      <dt>Machine</dt>
      <dd>
        {node.server && node.server_id ? (
          <Link to="/servers/$server" params={{ server: addressOf({ id: node.server_id, name: node.server }) }}>
            {node.server}
          </Link>
        ) : (
          (node.server_id?.slice(0, 8) ?? "none")
        )}
      </dd>
      <dt>Attempt</dt>
      <dd>
        {node.attempt}
        {took !== null && `, took ${span(took)}`}
      </dd>
      {node.progress && (
        <>
          <dt>Progress</dt>
          <dd>
            <Progress done={node.progress.done} text={node.progress.text} />
          </dd>
        </>
      )}
    </dl>
  );
}

const ENDED = new Set(["completed", "failed", "cached", "cancelled"]);

function Again({ run, node, onBegun }: { run: RunWhole; node: NodeView; onBegun: (id: string) => void }) {
  const mayWrite = useMayWrite();
  const retry = useRetry(run.id, onBegun);
  if (!mayWrite) return null;
  return (
    <div>
      <Button
        small
        icon={RotateCcw}
        busy={retry.isPending}
        title="A new run: this node and all that follows it; what stands before keeps its outputs"
        onClick={() => retry.mutate({ from: baseOf(node.key) })}
      >
        Re-run from here
      </Button>
    </div>
  );
}

interface Chosen {
  readonly run: RunWhole;
  readonly node: NodeView;
  readonly onChoose: (key: string) => void;
}

/** What a node with `each` goes through, one by one. */
function Items({ run, node, onChoose }: Chosen) {
  const items = run.nodes.filter((it) => it.key !== node.key && it.key.startsWith(`${node.key}[`));
  if (items.length === 0) return null;
  return (
    <Card title={`Items (${items.length})`}>
      <ul className={style.items}>
        {items.map((item) => (
          <li key={item.key}>
            <button type="button" onClick={() => onChoose(item.key)}>
              {item.key.slice(node.key.length)}
            </button>{" "}
            <Status of={item.status} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** What went in and what came out: its parameters as they were filled in, and what came along its edges. */
function Values({ run, node, onChoose }: Chosen) {
  const edges = useQuery(edgesQuery(run.id)).data ?? [];
  const sources = new Set(edges.filter((it) => it.target === baseOf(node.key) && it.taken).map((it) => it.source));
  const inputs = run.nodes.filter((it) => sources.has(it.key));
  return (
    <>
      {node.parameters !== null && (
        <Card title="Parameters, filled in">
          <Json value={node.parameters} label="parameters" />
        </Card>
      )}
      {inputs.map((it) => (
        <Card
          key={it.key}
          title={`Input from ${it.key}`}
          actions={
            <Button kind="quiet" small onClick={() => onChoose(it.key)}>
              Show node
            </Button>
          }
        >
          <Json value={it.output} label={`input from ${it.key}`} />
        </Card>
      ))}
      {node.output !== null && (
        <Card title="Output">
          <Json value={node.output} label="output" />
        </Card>
      )}
    </>
  );
}
