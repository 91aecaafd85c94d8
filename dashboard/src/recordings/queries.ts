import { queryOptions } from "@tanstack/react-query";
import { answer, hub } from "@/api/client";
import type { components } from "@/api/schema";
import type { Segment } from "./timeline";

export type Recording = components["schemas"]["RecordingView"];

const PAGE = 1000;
const MOST = 20_000; // segments; at ten seconds each more than two days

const path = (session: string) => ({ params: { path: { session } } });

/** How often a recording that still grows is looked at again: its machine sends pieces of ten seconds. */
export const GROWS = 10_000;

export function recordingQuery(session: string) {
  return queryOptions({
    queryKey: ["sessions", "one", session, "recording"],
    queryFn: () => answer(hub.GET("/api/v1/sessions/{session}/recording", path(session))),
  });
}

export function segmentsQuery(session: string) {
  return queryOptions({
    queryKey: ["sessions", "segments", session],
    queryFn: () => readSegments(session),
  });
}

async function readSegments(session: string): Promise<readonly Segment[]> {
  const found: Segment[] = [];
  for (let after = -1; found.length < MOST; ) {
    const query = { after, limit: PAGE };
    const page = await answer(
      hub.GET("/api/v1/sessions/{session}/recording/segments", { params: { path: { session }, query } }),
    );
    found.push(...page.segments);
    if (page.segments.length < PAGE) break;
    after = page.next;
  }
  return found;
}

/** Where the recording is, as asciicast from a second on. */
export function castUrl(session: string, from = 0): string {
  const url = `/api/v1/sessions/${encodeURIComponent(session)}/recording.cast`;
  return from > 0 ? `${url}?from=${from.toFixed(3)}` : url;
}

export function record(session: string, on: boolean) {
  return answer(hub.PUT("/api/v1/sessions/{session}/recording", { ...path(session), body: { on } }));
}

export function deleteRecording(session: string) {
  return answer(hub.DELETE("/api/v1/sessions/{session}/recording", path(session)));
}
