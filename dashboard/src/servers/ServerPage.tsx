import { Page } from "@/ui/Page";

export function ServerPage() {
  return <Page title="Machine">…</Page>;
}
