import { Page } from "@/ui/Page";

export function RunsPage() {
  return <Page title="Runs">…</Page>;
}
