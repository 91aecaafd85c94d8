import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Since } from "@/ui/Since";
import { Status } from "@/ui/Status";
import { spaced } from "@/ui/tones";
import { ActionForm } from "./ActionForm";
import { Details } from "./Details";
import style from "./InboxItem.module.css";
import { hrefOf, without } from "./items";
import { inboxQuery, perform } from "./queries";
import { type Action, type Inbox, type Item, type Kind, SAYS } from "./shapes";

/** Kinds whose detail says nothing that the kind does not. */
const SAID: ReadonlySet<Kind> = new Set(["plan_review", "review"]);
const MAIN = new Set(["approve", "respond", "retry", "replay"]);

export function InboxItem({ item }: { item: Item }) {
  const [asking, setAsking] = useState<Action | null>(item.kind === "intervention" ? (item.actions[0] ?? null) : null);
  const act = useAction<{ action: Action; filled: Record<string, string> }>({
    run: ({ action, filled }) => perform(action, filled),
    foresee: () => [[inboxQuery.queryKey, (before: Inbox) => without(before, item)]],
    done: (_, { action }) => `${capital(action.name)}: “${item.title}”`,
    touches: [["inbox"], ["tasks"], ["runs"], ["letters"], ["servers"]],
  });
  function begin(action: Action) {
    if (action.needs.length > 0) setAsking(action);
    else act.mutate({ action, filled: {} });
  }
  return (
    <article className={style.item} data-row aria-label={`${SAYS[item.kind]}: ${item.title}`}>
      <header>
        <Status of={item.kind} />
        <Link to={hrefOf(item)} className={style.title}>
          {item.title || spaced(item.kind)}
        </Link>
        <span className={style.since}>
          <Since at={item.since} prefix="for " />
        </span>
      </header>
      <p className={style.why}>
        {SAYS[item.kind]}
        {item.why.detail && !SAID.has(item.kind) && `: ${item.why.detail}`}
      </p>
      <Details item={item} />
      {asking && (
        <ActionForm
          action={asking}
          busy={act.isPending}
          onBack={item.actions.length > 1 ? () => setAsking(null) : null}
          onDo={(filled) => act.mutate({ action: asking, filled })}
        />
      )}
      {!asking && (
        <div className={style.actions}>
          {item.actions.map((action) => (
            <Button
              key={action.name}
              small
              kind={MAIN.has(action.name) ? "primary" : "plain"}
              busy={act.isPending}
              onClick={() => begin(action)}
            >
              {capital(action.name)}
            </Button>
          ))}
        </div>
      )}
    </article>
  );
}

function capital(word: string): string {
  return spaced(word).replace(/^./, (first) => first.toUpperCase());
}
