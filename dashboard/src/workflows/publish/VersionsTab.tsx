import { useQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { useMayWrite } from "@/login/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Tag } from "@/ui/Status";
import { type Column, Table } from "@/ui/Table";
import type { DraftStore } from "../editor/draft";
import { rollBack, versionsQuery } from "../queries";
import type { WorkflowSearch } from "../routes";
import type { Version, WorkflowDetail } from "../shapes";
import { Compared } from "./Compared";
import style from "./Difference.module.css";

interface VersionsProps {
  readonly workflow: WorkflowDetail;
  readonly draft: DraftStore;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly onCompare: (search: WorkflowSearch) => void;
}

/** Every version that was published; the difference of any two; and going back to one. */
export function VersionsTab({ workflow, draft, from, to, onCompare }: VersionsProps) {
  const versions = useQuery(versionsQuery(workflow.id));
  const mayWrite = useMayWrite();
  const back = useAction({
    run: async (number: number) => {
      await draft.flush();
      return rollBack(workflow.id, number);
    },
    touches: [
      ["workflows", "one", String(workflow.id)],
      ["workflows", "list"],
    ],
    done: (made, number) => `Version ${number} is published again, as version ${made.number}`,
  });
  const columns: readonly Column<Version>[] = [
    {
      name: "Version",
      cell: (row) => (
        <>
          v{row.number} {row.number === workflow.version && <Tag tone="accent">published</Tag>}
        </>
      ),
    },
    { name: "Note", cell: (row) => row.note || "—" },
    { name: "By", cell: (row) => row.created_by },
    { name: "When", cell: (row) => <Since at={row.created_at} suffix=" ago" /> },
    {
      name: "",
      align: "end",
      cell: (row) => (
        <span data-row className={style.buttons}>
          <Button
            small
            onClick={() => onCompare({ tab: "versions", from: Math.max(0, row.number - 1), to: row.number })}
          >
            What changed
          </Button>{" "}
          {mayWrite && row.number !== workflow.version && (
            <Button
              small
              icon={History}
              busy={back.isPending && back.variables === row.number}
              onClick={() => back.mutate(row.number)}
            >
              Publish again
            </Button>
          )}
        </span>
      ),
    },
  ];
  return (
    <Loaded query={versions}>
      {(rows) =>
        rows.length === 0 ? (
          <Empty title="Nothing is published yet" cli={`corral workflow publish ${workflow.id}`}>
            A run is bound to a version, and a version never changes.
          </Empty>
        ) : (
          <>
            <Table label="Versions" rows={rows} columns={columns} rowKey={(row) => row.number} />
            <Card title="Compare">
              <Compared workflow={workflow} draft={draft} versions={rows} from={from} to={to} onCompare={onCompare} />
            </Card>
          </>
        )
      }
    </Loaded>
  );
}
