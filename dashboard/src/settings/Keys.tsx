import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, hub } from "@/api/client";
import type { components } from "@/api/schema";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Cli } from "@/ui/Cli";
import { Empty } from "@/ui/Empty";
import { Field } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Tag } from "@/ui/Status";
import { type Column, Table } from "@/ui/Table";
import style from "./Form.module.css";
import { keysQuery } from "./queries";

type Key = components["schemas"]["KeyView"];

const DAY = 86_400;
const LIVES = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "a year"],
  ["", "until it is revoked"],
] as const;

/** Keys with which programs of people ask the hub. */
export function Keys() {
  const columns: Column<Key>[] = [
    { name: "Name", cell: (it) => it.name },
    { name: "Begins with", cell: (it) => <code>{it.prefix}…</code> },
    { name: "Role", cell: (it) => it.role },
    { name: "Of", cell: (it) => it.owner },
    { name: "Last used", cell: (it) => it.used_on ?? "never" },
    { name: "State", cell: (it) => <State of={it} /> },
    { name: "", align: "end", cell: (it) => <Revoke of={it} /> },
  ];
  return (
    <>
      <NewKey />
      <Loaded query={useQuery(keysQuery)}>
        {({ keys }) =>
          keys.length === 0 ? (
            <Empty title="No API keys." cli="corral key create ci --role viewer" />
          ) : (
            <Table label="API keys" rows={keys} rowKey={(it) => it.id} columns={columns} />
          )
        }
      </Loaded>
    </>
  );
}

function State({ of: key }: { of: Key }) {
  if (key.revoked_at) {
    return (
      <Tag>
        revoked <Since at={key.revoked_at} suffix=" ago" />
      </Tag>
    );
  }
  if (key.expires_at && Date.parse(key.expires_at) < Date.now()) return <Tag>expired</Tag>;
  return <Tag tone="ok">{key.expires_at ? `until ${new Date(key.expires_at).toLocaleDateString()}` : "counts"}</Tag>;
}

function Revoke({ of: key }: { of: Key }) {
  const revoke = useAction({
    run: () => answer(hub.DELETE("/api/v1/keys/{key}", { params: { path: { key: key.id } } })),
    done: `${key.name} counts no more`,
    touches: [["keys"]],
  });
  if (key.revoked_at) return null;
  return (
    <Button small busy={revoke.isPending} onClick={() => revoke.mutate()}>
      Revoke
    </Button>
  );
}

function NewKey() {
  const [name, setName] = useState("");
  const [role, setRole] = useState<"viewer" | "admin">("viewer");
  const [days, setDays] = useState("90");
  const [made, setMade] = useState<string | null>(null);
  const create = useAction({
    run: () =>
      answer(hub.POST("/api/v1/keys", { body: { name, role, expires_in: days === "" ? null : Number(days) * DAY } })),
    touches: [["keys"]],
    onDone: (key) => {
      setMade(key.key);
      setName("");
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }
  return (
    <Card title="New key">
      {made && (
        <div className={style.secret} role="status">
          <p>This is the key. It is shown this once; the hub keeps only what it needs to know it again.</p>
          <Cli command={made} />
        </div>
      )}
      <form className={style.form} onSubmit={submit}>
        <div className={style.row}>
          <Field label="Name" hint="What it is for.">
            {(control) => (
              <input {...control} required value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
          <Field label="May">
            {(control) => (
              <select {...control} value={role} onChange={(event) => setRole(event.target.value as typeof role)}>
                <option value="viewer">look (viewer)</option>
                <option value="admin">change everything (admin)</option>
              </select>
            )}
          </Field>
          <Field label="Counts for">
            {(control) => (
              <select {...control} value={days} onChange={(event) => setDays(event.target.value)}>
                {LIVES.map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <div>
          <Button type="submit" kind="primary" busy={create.isPending}>
            Make key
          </Button>
        </div>
      </form>
    </Card>
  );
}
