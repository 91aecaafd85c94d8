import { CircleCheck, LoaderCircle, WifiOff } from "lucide-react";
import { useConnection, useLiveState } from "@/live/live";
import { useNow } from "@/ui/clock";
import style from "./LiveBadge.module.css";

/** Whether what is shown is live, and when the next try is where it is not. */
export function LiveBadge() {
  const state = useLiveState();
  const connection = useConnection();
  const now = useNow();
  if (state.name === "open") {
    return (
      <span className={style.live} title="Live: changes show at once">
        <CircleCheck aria-hidden size={13} /> live
      </span>
    );
  }
  if (state.name === "waiting") {
    const seconds = Math.max(0, Math.ceil((state.until - now) / 1_000));
    return (
      <button type="button" className={style.away} onClick={() => connection.hurry()} title="Try now">
        <WifiOff aria-hidden size={13} /> offline, {seconds} s
      </button>
    );
  }
  return (
    <span className={style.connecting} role="status">
      <LoaderCircle aria-hidden size={13} /> {state.name === "refused" ? "logged out" : "connecting"}
    </span>
  );
}
