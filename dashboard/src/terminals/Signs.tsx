import { Link } from "@tanstack/react-router";
import { Eye, Info, TriangleAlert, Unplug } from "lucide-react";
import type { ReactNode } from "react";
import { size } from "./numbers";
import { useMachines } from "./places";
import type { Session } from "./queries";
import style from "./Signs.module.css";
import type { Standing } from "./standing";
import { ending } from "./words";

/** What has to be said about what the terminal shows: said to everybody, also to those who do not see the screen. */
export function Signs({ standing, session }: { standing: Standing; session: Session }) {
  const machine = useMachines().find((it) => it.id === session.server_id);
  const away = machine !== undefined && !machine.connected && standing.phase === "live";
  return (
    <div role="status" aria-live="polite" className={style.signs}>
      {standing.phase === "offline" && (
        <Sign icon={Unplug} tone="warn">
          Not connected: this is the screen as it was. It goes on without a gap once the hub answers.
        </Sign>
      )}
      {standing.phase === "refused" && standing.refusal && (
        <Sign icon={TriangleAlert} tone="danger">
          {standing.refusal.detail}. {standing.refusal.hint}
        </Sign>
      )}
      {standing.phase === "ended" && (
        <Sign icon={Info} tone="quiet">
          The session {ending(session) || "has ended"}.{" "}
          <Link to="/terminals/$session" params={{ session: session.id }} search={{ replay: true }}>
            Replay it
          </Link>
        </Sign>
      )}
      {away && (
        <Sign icon={Unplug} tone="warn">
          {session.server_name} is not connected: the session goes on there, and what it prints comes when it is back.
        </Sign>
      )}
      {standing.missed > 0 && (
        <Sign icon={Info} tone="quiet">
          {size(standing.missed)} of output never came here; the screen is right.{" "}
          <Link to="/terminals/$session" params={{ session: session.id }} search={{ replay: true }}>
            The recording may have it
          </Link>
        </Sign>
      )}
      {standing.word && (
        <Sign key={standing.word.number} icon={Eye} tone="warn">
          {standing.word.text} {standing.word.hint}
        </Sign>
      )}
    </div>
  );
}

type Tone = "warn" | "danger" | "quiet";

function Sign({ icon: Icon, tone, children }: { icon: typeof Eye; tone: Tone; children: ReactNode }) {
  return (
    <p className={`${style.sign} ${style[tone]}`}>
      <Icon aria-hidden size={15} />
      <span>{children}</span>
    </p>
  );
}
