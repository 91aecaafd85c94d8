import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, hub } from "@/api/client";
import type { components } from "@/api/schema";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Cli } from "@/ui/Cli";
import { Field } from "@/ui/Field";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { type Column, Table } from "@/ui/Table";
import style from "./Form.module.css";
import { usersQuery } from "./queries";

type User = components["schemas"]["UserView"];
type Role = User["role"];

export function Users() {
  const [link, setLink] = useState<{ url: string; email: string } | null>(null);
  const make = useAction<User, { url: string }>({
    run: (user) => answer(hub.POST("/api/v1/users/{user}/link", { params: { path: { user: user.id } } })),
    touches: [],
    onDone: ({ url }, { email }) => setLink({ url, email }),
  });
  const columns: Column<User>[] = [
    { name: "E-mail address", cell: (it) => it.email },
    { name: "Role", cell: (it) => <RoleOf user={it} /> },
    { name: "Since", cell: (it) => <Since at={it.created_at} suffix=" ago" /> },
    {
      name: "",
      align: "end",
      cell: (it) => (
        <Button small busy={make.isPending} onClick={() => make.mutate(it)}>
          One-time link
        </Button>
      ),
    },
  ];
  return (
    <>
      {link && (
        <div className={style.secret} role="status">
          <p>
            This link logs {link.email} in, once, within 15 minutes. Who opens it has their login: hand it over safely.
          </p>
          <Cli command={link.url} />
        </div>
      )}
      <Loaded query={useQuery(usersQuery)}>
        {({ users }) => <Table label="Users" rows={users} rowKey={(it) => it.id} columns={columns} />}
      </Loaded>
      <NewUser />
    </>
  );
}

function RoleOf({ user }: { user: User }) {
  const change = useAction<Role, User>({
    run: (role) => answer(hub.PATCH("/api/v1/users/{user}", { params: { path: { user: user.id } }, body: { role } })),
    done: (changed) => `${changed.email} is ${changed.role} now`,
    touches: [["users"]],
  });
  return (
    <select
      aria-label={`Role of ${user.email}`}
      value={user.role}
      disabled={change.isPending}
      onChange={(event) => change.mutate(event.target.value as Role)}
    >
      <option value="admin">admin: may change everything</option>
      <option value="viewer">viewer: may look</option>
    </select>
  );
}

function NewUser() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const create = useAction({
    run: () => answer(hub.POST("/api/v1/users", { body: { email, password, role } })),
    done: (user) => `${user.email} can log in`,
    touches: [["users"]],
    onDone: () => {
      setEmail("");
      setPassword("");
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }
  return (
    <Card title="New user">
      <form className={style.form} onSubmit={submit}>
        <div className={style.row}>
          <Field label="E-mail address">
            {(control) => (
              <input
                {...control}
                type="email"
                required
                autoComplete="off"
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
          <Field label="Password" hint="Twelve characters or more.">
            {(control) => (
              <input
                {...control}
                type="password"
                required
                autoComplete="new-password"
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
          <Field label="Role">
            {(control) => (
              <select {...control} value={role} onChange={(event) => setRole(event.target.value as Role)}>
                <option value="viewer">viewer</option>
                <option value="admin">admin</option>
              </select>
            )}
          </Field>
        </div>
        <div>
          <Button type="submit" kind="primary" busy={create.isPending}>
            Create user
          </Button>
        </div>
      </form>
    </Card>
  );
}
