import { useQuery } from "@tanstack/react-query";
import { type RefObject, useEffect, useState, useSyncExternalStore } from "react";
import { useConnection } from "@/live/live";
import { whoQuery } from "@/login/queries";
import { Attachment } from "./attachment";
import { deskOf } from "./desk";
import { XtermScreen } from "./screen";
import { BEFORE, type Standing } from "./standing";

export interface Attached {
  readonly screen: XtermScreen;
  readonly attachment: Attachment;
}

interface Wishes {
  readonly letters?: number;
  readonly scrollback?: number;
  readonly onLink?: (url: string) => void;
  readonly onTitle?: (title: string) => void;
}

/** A terminal in `host`, attached to a session for as long as it is shown; null until it is there. */
export function useAttachment(
  host: RefObject<HTMLElement | null>,
  sessionId: string,
  wishes: Wishes = {},
): Attached | null {
  const connection = useConnection();
  const me = `user:${useQuery(whoQuery).data?.email ?? ""}`;
  const [attached, setAttached] = useState<Attached | null>(null);
  const { letters, scrollback, onLink, onTitle } = wishes;
  useEffect(() => {
    if (host.current === null) return;
    const screen = new XtermScreen(host.current, { letters, scrollback, onLink, onTitle });
    const attachment = new Attachment(sessionId, me, connection, screen);
    const leave = deskOf(connection).join(attachment);
    setAttached({ screen, attachment });
    return () => {
      leave();
      screen.dispose();
      setAttached(null);
    };
  }, [host, sessionId, me, connection, letters, scrollback, onLink, onTitle]);
  return attached;
}

const NEVER = () => () => {};

export function useStanding(attached: Attached | null): Standing {
  return useSyncExternalStore(
    attached ? (changed) => attached.attachment.watch(changed) : NEVER,
    () => attached?.attachment.standing ?? BEFORE,
  );
}
