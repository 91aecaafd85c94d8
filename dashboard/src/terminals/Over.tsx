import { Link } from "@tanstack/react-router";
import { line } from "@/ui/commandline";
import { Empty } from "@/ui/Empty";
import { Since } from "@/ui/Since";
import type { Session } from "./queries";
import { ending } from "./words";

/** A session that has ended: how, and where to go from here. */
export function Over({ session }: { session: Session }) {
  return (
    <Empty title={`This session ${ending(session)}.`} cli={line(["corral", "session", "replay", session.name])}>
      <p>
        <Since at={session.ended_at} suffix=" ago. " />
        <Link to="/terminals/$session" params={{ session: session.id }} search={{ replay: true }}>
          Replay what it printed
        </Link>
        {", or "}
        <Link to="/terminals/$session" params={{ session: session.id }} search={{ about: true }}>
          see what is known of it
        </Link>
        .
      </p>
    </Empty>
  );
}
