import { useQuery } from "@tanstack/react-query";
import { Empty } from "@/ui/Empty";
import { Json } from "@/ui/Json";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { spaced } from "@/ui/tones";
import style from "./Activity.module.css";
import { activityQuery } from "./queries";

/** Every change of the task, newest first, with who did it. */
export function Activity({ taskId }: { taskId: string }) {
  return (
    <Loaded query={useQuery(activityQuery(taskId))}>
      {({ events }) =>
        events.length === 0 ? (
          <Empty title="Nothing has happened yet." />
        ) : (
          <ol className={style.events}>
            {events.toReversed().map((event) => (
              <li key={event.id} data-row>
                <span className={style.what}>{spaced(event.event_type)}</span>
                <span className={style.who}>{event.actor}</span>
                <span className={style.when}>
                  <Since at={event.created_at} suffix=" ago" />
                </span>
                {Object.keys(event.details).length > 0 && (
                  <details>
                    <summary>{brief(event.details)}</summary>
                    <Json value={event.details} label="details" />
                  </details>
                )}
              </li>
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}

function brief(details: object): string {
  const text = Object.entries(details)
    .map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ");
  return text.length > 140 ? `${text.slice(0, 139)}…` : text;
}
