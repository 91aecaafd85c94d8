import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { RunLines } from "@/api/messages";
import { useConnection } from "@/live/live";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { joined, type Piece, tail } from "./logs";
import style from "./NodeLogs.module.css";
import { logsQuery } from "./queries";
import { baseOf } from "./shapes";

const MOST = 1_000; // lines of an attempt on the page; all of them are one command away
const HELD = 2_000; // pieces told while the panel is open

/** What a node has logged and logs, the newest at the end. */
export function NodeLogs({ runId, nodeKey }: { runId: string; nodeKey: string }) {
  const query = useQuery(logsQuery(runId, nodeKey));
  const told = useTold(runId, nodeKey);
  const blocks = useMemo(() => joined([...(query.data ?? []), ...told]), [query.data, told]);
  const box = useEnd(blocks);
  return (
    <Card title="Logs">
      <Loaded query={query}>
        {() =>
          blocks.length === 0 ? (
            <p className={style.none}>It has logged nothing.</p>
          ) : (
            <section ref={box} className={style.logs} tabIndex={0} aria-label="Log lines">
              {blocks.map((block) => {
                const { lines, before } = tail(block, MOST);
                return (
                  <div key={`${block.key} ${block.attempt}`}>
                    {(blocks.length > 1 || block.attempt > 1) && (
                      <p className={style.of}>
                        {block.key}, attempt {block.attempt}
                      </p>
                    )}
                    {before > 0 && <p className={style.of}>… {before} lines before</p>}
                    <pre>{lines.map((line) => `${line.text}\n`)}</pre>
                  </div>
                );
              })}
            </section>
          )
        }
      </Loaded>
    </Card>
  );
}

/** The pieces that were told since the panel was opened. */
function useTold(runId: string, nodeKey: string): readonly Piece[] {
  const connection = useConnection();
  const [told, setTold] = useState<readonly Piece[]>([]);
  useEffect(
    () =>
      connection.onMessage((message) => {
        if (message.type !== "run_lines") return;
        const piece = message as unknown as RunLines;
        if (piece.run_id === runId && (piece.key === nodeKey || baseOf(piece.key) === nodeKey))
          setTold((before) => [...before.slice(-HELD), piece]);
      }),
    [connection, runId, nodeKey],
  );
  return told;
}

/** Keeps the end in view as long as the reader has not scrolled away from it. */
function useEnd(content: unknown) {
  const box = useRef<HTMLElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const look = () => {
      follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
    };
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what changed is why it scrolls
  useEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [content]);
  return box;
}
