import type { ReactNode } from "react";
import { Tag } from "@/ui/Status";
import style from "./Abilities.module.css";
import type { Capabilities } from "./state";

/** What dispatch scores: what was probed and announced, with overrides on top. */
export function Abilities({ capabilities }: { capabilities: Capabilities }) {
  return (
    <dl className={style.abilities}>
      <Row name="Agents" none="No agent CLI was found.">
        {capabilities.agents.map((agent) => (
          <Tag key={agent.name} tone={agent.logged_in === false ? "warn" : "accent"} title={agent.path ?? agent.detail}>
            {[agent.name, agent.version].filter(Boolean).join(" ")}
            {agent.logged_in === false && " — logged out"}
          </Tag>
        ))}
      </Row>
      <Row name="Repositories" none="None was declared: corral daemon repo add NAME PATH">
        {Object.entries(capabilities.repos).map(([name, path]) => (
          <Tag key={name} title={path}>
            {name}
          </Tag>
        ))}
      </Row>
      <Words name="Languages" words={capabilities.languages} />
      <Words name="Environments" words={capabilities.environments} />
      <Words name="Tools" words={capabilities.tools} />
      <Words name="Tags" words={capabilities.tags} />
      <Row name="Nodes" none="No workflow nodes.">
        {capabilities.nodes.map((node) => (
          <Tag key={node.type} title={node.description} tone={node.needs.length > 0 ? "warn" : "quiet"}>
            {node.type}
            {node.needs.length > 0 && ` (needs ${node.needs.join(", ")})`}
          </Tag>
        ))}
      </Row>
    </dl>
  );
}

function Words({ name, words }: { name: string; words: readonly string[] }) {
  return (
    <Row name={name} none="None.">
      {words.map((word) => (
        <Tag key={word}>{word}</Tag>
      ))}
    </Row>
  );
}

function Row({ name, none, children }: { name: string; none: string; children: readonly ReactNode[] }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children.length > 0 ? children : <span className={style.none}>{none}</span>}</dd>
    </div>
  );
}
