import { Card } from "@/ui/Card";
import { Copy } from "@/ui/Copy";
import { Since } from "@/ui/Since";
import { type Column, Table } from "@/ui/Table";
import type { ArmedTrigger, Deployed } from "../shapes";
import style from "./Deployment.module.css";

const COLUMNS: readonly Column<ArmedTrigger>[] = [
  { name: "Node", cell: (row) => row.node },
  { name: "Kind", cell: (row) => row.kind },
  { name: "Listens for", cell: (row) => <Listens trigger={row} /> },
  {
    name: "Fired",
    cell: (row) => (
      <>
        {row.fires} times
        {row.fired_at && (
          <>
            , last <Since at={row.fired_at} suffix=" ago" />
          </>
        )}
      </>
    ),
  },
];

export function ArmedTriggers({ deployment }: { deployment: Deployed }) {
  return (
    <Card title="Triggers">
      <Table label="Triggers" rows={deployment.triggers ?? []} columns={COLUMNS} rowKey={(row) => row.node} />
    </Card>
  );
}

function Listens({ trigger }: { trigger: ArmedTrigger }) {
  if (trigger.url !== undefined) {
    const url = `${window.location.origin}${trigger.url}`;
    return (
      <span className={style.url}>
        {trigger.methods?.join(", ")} <code>{url}</code> <Copy text={url} label="Copy the address" />
        <span className={style.soft}>asks for: {trigger.authentication}</span>
      </span>
    );
  }
  if (trigger.schedule !== undefined)
    return (
      <>
        {trigger.schedule} ({trigger.timezone})
      </>
    );
  if (trigger.session_id !== undefined) return <>chat messages of session {trigger.session_id}</>;
  return <>{trigger.kind === "manual" ? "a person, the API or another workflow" : "ends of tasks"}</>;
}
