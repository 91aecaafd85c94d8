import { Page } from "@/ui/Page";

export function LettersPage() {
  return <Page title="Letters">…</Page>;
}
