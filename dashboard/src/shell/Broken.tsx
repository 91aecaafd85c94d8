import { useRouter } from "@tanstack/react-router";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";

/** A page that could not be shown. */
export function Broken({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <Page title="This did not work">
      <Notice error={error} retry={() => void router.invalidate()} />
    </Page>
  );
}
