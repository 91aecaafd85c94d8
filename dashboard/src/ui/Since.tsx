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
  return (
    <time dateTime={at} title={new Date(time).toLocaleString()}>
      {prefix}
      {ago(Math.max(0, (now - time) / 1_000))}
      {suffix}
    </time>
  );
}
