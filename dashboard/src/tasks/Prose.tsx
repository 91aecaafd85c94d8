import { lazy, Suspense } from "react";
import { Json } from "@/ui/Json";

const Markdown = lazy(() => import("@/ui/Markdown"));

/** A value that somebody wrote: a text as markdown, anything else as JSON. */
export function Prose({ value, label }: { value: unknown; label: string }) {
  if (typeof value !== "string") return <Json value={value} label={label} />;
  return (
    <Suspense>
      <Markdown text={value} />
    </Suspense>
  );
}
