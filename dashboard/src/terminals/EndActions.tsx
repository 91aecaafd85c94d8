import { useNavigate } from "@tanstack/react-router";
import { Power, Skull, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useMayWrite } from "@/login/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import style from "./Dialogs.module.css";
import { isOver } from "./filters";
import { close, forget, kill, type Session } from "./queries";

type Asked = "close" | "kill" | "forget";

/** Ends a session, or forgets one that has ended; asks before. */
export function EndActions({ session }: { session: Session }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  if (!useMayWrite()) return null;
  const done = () => setAsked(null);
  return (
    <>
      {isOver(session) ? (
        <Button small icon={Trash2} aria-label="Forget…" onClick={() => setAsked("forget")}>
          <span>Forget…</span>
        </Button>
      ) : (
        <>
          <Button small icon={Power} aria-label="Close…" onClick={() => setAsked("close")}>
            <span>Close…</span>
          </Button>
          <Button small icon={Skull} aria-label="Kill…" onClick={() => setAsked("kill")}>
            <span>Kill…</span>
          </Button>
        </>
      )}
      {asked === "close" && <Close session={session} onDone={done} />}
      {asked === "kill" && <Kill session={session} onDone={done} />}
      {asked === "forget" && <Forget session={session} onDone={done} />}
    </>
  );
}

interface OneProps {
  readonly session: Session;
  readonly onDone: () => void;
}

const touched = (session: Session) => [
  ["sessions", "one", session.id],
  ["sessions", "list"],
];

function Close({ session, onDone }: OneProps) {
  const action = useAction({ run: () => close(session.id), touches: touched(session), done: "Asked to end" });
  return (
    <Sure title={`Close ${session.name}?`} does="Close the session" action={action} onDone={onDone}>
      Its processes are asked to end. After ten seconds those that are left are ended. What was recorded stays.
    </Sure>
  );
}

function Kill({ session, onDone }: OneProps) {
  const action = useAction({ run: () => kill(session.id), touches: touched(session), done: "Killed" });
  return (
    <Sure title={`Kill ${session.name}?`} does="Kill the session" action={action} onDone={onDone}>
      All its processes end now, without a chance to write anything down. What was recorded stays.
    </Sure>
  );
}

function Forget({ session, onDone }: OneProps) {
  const navigate = useNavigate();
  const action = useAction({
    run: () => forget(session.id),
    touches: [["sessions", "list"]],
    done: `${session.name} is forgotten`,
    onDone: () => void navigate({ to: "/terminals" }),
  });
  return (
    <Sure title={`Forget ${session.name}?`} does="Forget the session" action={action} onDone={onDone}>
      The session and its recording are deleted for good. That it was deleted, and by whom, stays in the log.
    </Sure>
  );
}

interface SureProps {
  readonly title: string;
  readonly does: string;
  readonly action: { readonly mutate: () => void; readonly isPending: boolean };
  readonly onDone: () => void;
  readonly children: ReactNode;
}

export function Sure({ title, does, action, onDone, children }: SureProps) {
  return (
    <Dialog title={title} onClose={onDone}>
      <div className={style.body}>
        <p>{children}</p>
        <div className={style.actions}>
          <Button onClick={onDone}>Leave it</Button>
          <Button
            kind="danger"
            busy={action.isPending}
            onClick={() => {
              action.mutate();
              onDone();
            }}
          >
            {does}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
