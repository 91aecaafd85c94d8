import { useNow } from "./clock";
import { ago } from "./times";

/** How long ago something was, ticking; the exact time on hover. */
export function Since({
  at,
  prefix = "",
  suffix = "",
}: {
  at: string | null | undefined;
  prefix?: string;
  suffix?: string;
}) {
  const now = useNow();
  if (!at) return null;
  const time = Date.parse(at);
  const text = ago(Math.max(0, (now - time) / 1_000));
  return (
    <time dateTime={at} title={new Date(time).toLocaleString()}>
      {text === "now" ? "just now" : `${prefix}${text}${suffix}`}
    </time>
  );
}
