import { Page } from "@/ui/Page";

export function WorkflowsPage() {
  return <Page title="Workflows">…</Page>;
}
