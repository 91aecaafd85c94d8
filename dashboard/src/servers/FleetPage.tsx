import { Page } from "@/ui/Page";

export function FleetPage() {
  return <Page title="Fleet">…</Page>;
}
