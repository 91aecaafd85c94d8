import { useQuery } from "@tanstack/react-query";
import { Maximize2, ZoomIn, ZoomOut } from "lucide-react";
import { useMemo, useState } from "react";
import { Button } from "@/ui/Button";
import { useNow } from "@/ui/clock";
import { Loaded } from "@/ui/Loaded";
import { Status } from "@/ui/Status";
import { span } from "@/ui/times";
import { lookOf } from "@/ui/tones";
import { eventsQuery } from "./queries";
import type { HistoryEntry, RunWhole } from "./shapes";
import style from "./TimelineTab.module.css";
import { type Bar, placed, type Row, type Timeline, timeline } from "./timeline";

interface TimelineProps {
  readonly run: RunWhole;
  readonly node: string | null;
  readonly onChoose: (key: string) => void;
}

/** What the run did when. */
export function TimelineTab(props: TimelineProps) {
  return (
    <Loaded query={useQuery(eventsQuery(props.run.id))}>
      {({ events, whole }) => (
        <>
          {!whole && <p className={style.quiet}>The history is longer than what is drawn here.</p>}
          <Chart {...props} events={events} />
        </>
      )}
    </Loaded>
  );
}

function Chart({ run, node, onChoose, events }: TimelineProps & { events: readonly HistoryEntry[] }) {
  const [zoom, setZoom] = useState(1);
  const now = useNow();
  const until = run.finished_at === null ? now : 0;
  const line = useMemo(
    () => timeline(run.nodes, events, { begun: run.created_at, finished: run.finished_at }, until),
    [run.nodes, run.created_at, run.finished_at, events, until],
  );
  return (
    <section className={style.chart} aria-label="Timeline">
      <div className={style.tools}>
        <span className={style.quiet}>{span(line.to - line.from)}</span>
        <Button
          kind="quiet"
          small
          icon={ZoomOut}
          aria-label="Zoom out"
          disabled={zoom <= 1}
          onClick={() => setZoom(zoom / 2)}
        />
        <Button
          kind="quiet"
          small
          icon={ZoomIn}
          aria-label="Zoom in"
          disabled={zoom >= 64}
          onClick={() => setZoom(zoom * 2)}
        />
        <Button kind="quiet" small icon={Maximize2} onClick={() => setZoom(1)}>
          Fit
        </Button>
      </div>
      <div className={style.scroll}>
        <ul style={{ inlineSize: `${zoom * 100}%` }}>
          {line.rows.map((row) => (
            <li key={row.key} aria-current={row.key === node || undefined}>
              <button type="button" data-row className={style.name} onClick={() => onChoose(row.key)} title={row.key}>
                <span>{row.key}</span>
                <Status of={row.status} />
              </button>
              <Bars row={row} line={line} />
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

function Bars({ row, line }: { row: Row; line: Timeline }) {
  return (
    <span className={style.track}>
      {row.bars.map((bar) => {
        const { left, width } = placed(bar, line);
        const says = saysOf(row, bar);
        return (
          <span
            key={`${bar.begun} ${bar.attempt}`}
            role="img"
            aria-label={says}
            title={says}
            className={style.bar}
            data-tone={lookOf(bar.how).tone}
            data-waited={bar.waited || undefined}
            style={{ insetInlineStart: `min(${left}%, 100% - 3px)`, inlineSize: `max(3px, ${width}%)` }}
          />
        );
      })}
    </span>
  );
}

function saysOf(row: Row, bar: Bar): string {
  const attempt = bar.attempt > 0 ? `, attempt ${bar.attempt}` : "";
  const took = bar.end > bar.begun ? `${bar.open ? " for " : " after "}${span(bar.end - bar.begun)}` : "";
  return `${row.key}${attempt}: ${bar.waited && bar.how !== "waiting" ? "waited, " : ""}${bar.how}${took}`;
}
