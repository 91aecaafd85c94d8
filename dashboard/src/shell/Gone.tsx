import { Link } from "@tanstack/react-router";
import { Empty } from "@/ui/Empty";
import { Page } from "@/ui/Page";

export function Gone() {
  return (
    <Page title="Not here">
      <Empty title="There is nothing at this address.">
        It may have been removed, or the address was cut. <Link to="/">Back to the inbox</Link>
      </Empty>
    </Page>
  );
}
