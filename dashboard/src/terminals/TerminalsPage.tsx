import { Page } from "@/ui/Page";

export function TerminalsPage() {
  return <Page title="Terminals">…</Page>;
}
