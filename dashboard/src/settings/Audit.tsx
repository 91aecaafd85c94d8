import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ShieldAlert, ShieldCheck } from "lucide-react";
import { answer, hub } from "@/api/client";
import type { components } from "@/api/schema";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Field } from "@/ui/Field";
import { Json } from "@/ui/Json";
import { Notice } from "@/ui/Notice";
import { Since } from "@/ui/Since";
import { type Column, Table } from "@/ui/Table";
import style from "./Form.module.css";
import { auditQuery } from "./queries";

type Entry = components["schemas"]["AuditEntry"];

const route = getRouteApi("/shell/settings/audit");

const COLUMNS: Column<Entry>[] = [
  { name: "No.", cell: (it) => it.number, align: "end" },
  { name: "When", cell: (it) => <Since at={it.at} suffix=" ago" /> },
  { name: "Who", cell: (it) => `${it.actor}${it.via ? ` by key ${it.via}` : ""}` },
  { name: "From", cell: (it) => it.address ?? "" },
  { name: "Did", cell: (it) => it.action },
  { name: "To", cell: (it) => it.name || it.target },
  {
    name: "Details",
    cell: (it) =>
      Object.keys(it.details).length > 0 && (
        <details>
          <summary>show</summary>
          <Json value={it.details} label={`details of ${it.number}`} />
        </details>
      ),
  },
];

/** Who administered what. Each entry carries the hash of the one before: what was changed afterwards shows. */
export function Audit() {
  const { actor = "", action = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(auditQuery(actor, action));
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <>
      <div className={style.row}>
        <Field label="Who">
          {(control) => (
            <input
              {...control}
              defaultValue={actor}
              onBlur={(event) => navigate({ search: (old) => ({ ...old, actor: event.target.value }), replace: true })}
            />
          )}
        </Field>
        <Field label="Did">
          {(control) => (
            <input
              {...control}
              placeholder="user.create"
              defaultValue={action}
              onBlur={(event) => navigate({ search: (old) => ({ ...old, action: event.target.value }), replace: true })}
            />
          )}
        </Field>
      </div>
      <Verify />
      {query.isError && <Notice error={query.error} retry={() => void query.refetch()} />}
      {query.isSuccess && entries.length === 0 && <Empty title="Nothing was administered yet." cli="corral audit" />}
      {entries.length > 0 && <Table label="Audit log" rows={entries} rowKey={(it) => it.number} columns={COLUMNS} />}
      {query.hasNextPage && (
        <div>
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Older ones
          </Button>
        </div>
      )}
    </>
  );
}

function Verify() {
  const verify = useAction({ run: () => answer(hub.GET("/api/v1/audit/verify")), touches: [] });
  const verdict = verify.data;
  const Icon = verdict?.intact === false ? ShieldAlert : ShieldCheck;
  return (
    <p>
      <Button small icon={Icon} busy={verify.isPending} onClick={() => verify.mutate()}>
        Check the chain
      </Button>{" "}
      <span role="status">
        {verdict &&
          (verdict.intact
            ? `All ${verdict.checked} entries follow from one another.`
            : `Entry ${verdict.broken_at} does not follow from the one before it: somebody changed the log.`)}
      </span>
    </p>
  );
}
