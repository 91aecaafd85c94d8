import { Search } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { moment } from "@/terminals/numbers";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { Finder, type Hit } from "./plain";
import { castUrl } from "./queries";
import style from "./SearchRecording.module.css";
import { CastStream } from "./stream";

const MOST = 100;
const JUST_AFTER = 0.01; // seconds: with the line on the screen

interface Found {
  readonly hits: readonly Hit[];
  readonly state: "searching" | "done" | "more";
  readonly error: unknown;
}

/** Look for a text in everything that was recorded; each place leads to its moment. */
export function SearchRecording({ sessionId, onGo }: { sessionId: string; onGo: (second: number) => void }) {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const abort = useRef<AbortController>(null);
  useEffect(() => () => abort.current?.abort(), []);
  async function search(event: FormEvent) {
    event.preventDefault();
    abort.current?.abort();
    if (text.trim() === "") return setFound(null);
    const now = new AbortController();
    abort.current = now;
    setFound({ hits: [], state: "searching", error: null });
    try {
      for await (const step of look(sessionId, text.trim(), now.signal)) if (!now.signal.aborted) setFound(step);
    } catch (error) {
      if (!now.signal.aborted) setFound({ hits: [], state: "done", error });
    }
  }
  return (
    <search className={style.search}>
      <form onSubmit={(event) => void search(event)} className={style.form}>
        <input
          type="search"
          aria-label="Search in the recording"
          placeholder="Search in all of it"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" small icon={Search} busy={found?.state === "searching"}>
          Search
        </Button>
      </form>
      {found?.error != null && <Notice error={found.error} />}
      {found && found.error === null && <Hits found={found} onGo={onGo} />}
    </search>
  );
}

function Hits({ found, onGo }: { found: Found; onGo: (second: number) => void }) {
  const { hits, state } = found;
  const words = { searching: "so far", done: "in all", more: "and more" }[state];
  return (
    <>
      <p role="status" className={style.count}>
        {hits.length} {hits.length === 1 ? "line" : "lines"} {words}
      </p>
      <ol className={style.hits}>
        {hits.map((hit, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list only grows, and lines may be the same
          <li key={index}>
            <button type="button" onClick={() => onGo(hit.at + JUST_AFTER)}>
              <span className={style.at}>{moment(hit.at)}</span>
              <code>
                <bdi>{hit.line}</bdi>
              </code>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}

async function* look(sessionId: string, text: string, signal: AbortSignal): AsyncGenerator<Found> {
  const finder = new Finder(text);
  const stream = await CastStream.open(castUrl(sessionId), signal);
  const hits: Hit[] = [];
  let last = 0;
  for (let events = await stream.next(); events !== null; events = await stream.next()) {
    for (const event of events) {
      last = event.at;
      if (event.code === "o") hits.push(...finder.feed(event.at, event.text));
    }
    if (hits.length >= MOST) {
      stream.close();
      yield { hits: hits.slice(0, MOST), state: "more", error: null };
      return;
    }
    yield { hits: [...hits], state: "searching", error: null };
  }
  yield { hits: [...hits, ...finder.end(last)], state: "done", error: null };
}
