/** What of a session is looked at, as it stands in the address: the terminal itself, its recording, what is known of it. */
export interface Visit {
  readonly replay?: boolean;
  readonly about?: boolean;
  /** Seconds of the recording. */
  readonly at?: number;
}

export type Tab = "terminal" | "replay" | "about";

export function readVisit(search: Readonly<Record<string, unknown>>): Visit {
  const at = Number(search.at);
  return {
    ...(isSet(search.replay) && { replay: true }),
    ...(isSet(search.about) && { about: true }),
    ...(search.at !== undefined && Number.isFinite(at) && at >= 0 && { at }),
  };
}

export function tabOf(visit: Visit): Tab {
  return visit.replay ? "replay" : visit.about ? "about" : "terminal";
}

export function visitTo(tab: Tab): Visit {
  return tab === "terminal" ? {} : { [tab]: true };
}

/** `?replay` alone is enough. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== false && value !== "false";
}
