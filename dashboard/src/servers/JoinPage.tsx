import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { useEffect, useState } from "react";
import { answer, hub } from "@/api/client";
import { projectsQuery } from "@/settings/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Cli } from "@/ui/Cli";
import { useNow } from "@/ui/clock";
import { Empty } from "@/ui/Empty";
import { Field } from "@/ui/Field";
import { Page } from "@/ui/Page";
import style from "./JoinPage.module.css";
import { serversQuery, tokensQuery } from "./queries";
import { addressOf, countdown } from "./state";

interface Made {
  readonly id: string;
  readonly command: string;
  readonly expires_at: string;
}

/** One line to paste on the new machine; this page says when it has joined. */
export function JoinPage() {
  const projects = useQuery(projectsQuery).data?.projects ?? [];
  const [project, setProject] = useState("");
  const [made, setMade] = useState<Made | null>(null);
  const create = useAction({
    run: () => answer(hub.POST("/api/v1/servers/tokens", { body: { project_id: project || null } })),
    touches: [["servers", "tokens"]],
    onDone: (token) => setMade(token),
  });
  return (
    <Page title="Join a machine" cli="corral token create">
      <Card>
        <Field label="For" hint="A machine of one project works for no other.">
          {(control) => (
            <select {...control} value={project} onChange={(event) => setProject(event.target.value)}>
              <option value="">All projects</option>
              {projects.map((it) => (
                <option key={it.id} value={it.id}>
                  {it.name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div>
          <Button kind="primary" busy={create.isPending} onClick={() => create.mutate()}>
            {made ? "Make another line" : "Make the line to paste"}
          </Button>
        </div>
      </Card>
      {made && <Waiting key={made.id} made={made} />}
    </Page>
  );
}

function Waiting({ made }: { made: Made }) {
  const now = useNow();
  const left = countdown(made.expires_at, now);
  const token = useQuery(tokensQuery).data?.tokens.find((it) => it.id === made.id);
  const servers = useQuery(serversQuery);
  const joined = token?.used_by;
  const { refetch } = servers;
  useEffect(() => {
    if (joined) void refetch();
  }, [joined, refetch]);
  const server = servers.data?.servers.find((it) => it.id === joined);
  if (joined) {
    return (
      <Card>
        <p className={style.joined} role="status">
          <CircleCheck aria-hidden size={18} /> <strong>{server?.name ?? "The machine"}</strong> joined
          {server?.connected ? " and is connected." : "; it connects in a moment."}
          {server && (
            <Link to="/servers/$server" params={{ server: addressOf(server) }}>
              Open it
            </Link>
          )}
        </p>
      </Card>
    );
  }
  if (left === null)
    return <Empty title="This line counts no more.">Make another one; each counts once, and not for long.</Empty>;
  return (
    <Card title="Paste this on the machine">
      <Cli command={made.command} />
      <p className={style.left} role="timer">
        It counts once, and for another <strong>{left}</strong>. Waiting for the machine…
      </p>
    </Card>
  );
}
