import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useMayWrite } from "@/login/queries";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { useChange, useRemove } from "./actions";
import style from "./ServerActions.module.css";
import { ServerSettings } from "./ServerSettings";
import type { Server } from "./state";

export function ServerActions({ server }: { server: Server }) {
  const [open, setOpen] = useState<"settings" | "remove" | null>(null);
  const change = useChange(server);
  if (!useMayWrite()) return null;
  const isClosed = server.draining || server.cordoned;
  return (
    <>
      {isClosed ? (
        <Button kind="primary" busy={change.isPending} onClick={() => change.mutate("resume")}>
          Let it take work
        </Button>
      ) : (
        <>
          <Button
            busy={change.isPending}
            title="Finish what runs, take nothing new"
            onClick={() => change.mutate("drain")}
          >
            Drain
          </Button>
          <Button
            busy={change.isPending}
            title="Take nothing until somebody lifts it"
            onClick={() => change.mutate("cordon")}
          >
            Cordon
          </Button>
        </>
      )}
      <Button onClick={() => setOpen("settings")}>Change</Button>
      <Button onClick={() => setOpen("remove")}>Remove</Button>
      {open === "settings" && <ServerSettings server={server} onClose={() => setOpen(null)} />}
      {open === "remove" && <Remove server={server} onClose={() => setOpen(null)} />}
    </>
  );
}

function Remove({ server, onClose }: { server: Server; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useRemove(server, () => void navigate({ to: "/servers" }));
  return (
    <Dialog title={`Remove ${server.name}?`} onClose={onClose}>
      <div className={style.body}>
        <p>
          Its key counts no more from this moment, and its work is given to others. It can join again with a new token.
        </p>
        <div className={style.actions}>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
