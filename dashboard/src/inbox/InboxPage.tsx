import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Tabs } from "@/ui/Tabs";
import { InboxItem } from "./InboxItem";
import style from "./InboxPage.module.css";
import { inboxQuery } from "./queries";
import { type Inbox, KINDS, type Kind } from "./shapes";

const route = getRouteApi("/shell/");

/** What needs a person, oldest worries included: why, since when, and the answer in place. */
export function InboxPage() {
  const query = useQuery(inboxQuery);
  const total = query.data?.total;
  const title = total ? `${total} ${total === 1 ? "needs" : "need"} you` : "Inbox";
  return (
    <Page title={title} cli="corral inbox">
      <Loaded query={query}>{(inbox) => <Items inbox={inbox} />}</Loaded>
    </Page>
  );
}

function Items({ inbox }: { inbox: Inbox }) {
  const { kind } = route.useSearch();
  const navigate = route.useNavigate();
  if (inbox.total === 0) {
    return (
      <Empty title="Nothing needs you." cli="corral task create --title 'Say hello' -- echo hello">
        Plans to approve, questions of agents, failures and lost machines come here by themselves.
      </Empty>
    );
  }
  const tabs = KINDS.filter(([key]) => (inbox.counts[key] ?? 0) > 0);
  const shown = inbox.items.filter((item) => !kind || item.kind === kind);
  return (
    <>
      <Tabs<Kind | "all">
        label="Kinds"
        current={kind ?? "all"}
        tabs={[
          { key: "all", label: "All", count: inbox.total },
          ...tabs.map(([key, label]) => ({ key, label, count: inbox.counts[key] })),
        ]}
        onChoose={(key) => navigate({ search: key === "all" ? {} : { kind: key }, replace: true })}
      />
      <ul className={style.items} aria-label="What needs you">
        {shown.map((item) => (
          <li key={item.key}>
            <InboxItem item={item} />
          </li>
        ))}
      </ul>
      {inbox.next_cursor && (
        <p className={style.more}>
          There are more than are shown here: <code>corral inbox --limit 200</code>
        </p>
      )}
    </>
  );
}
