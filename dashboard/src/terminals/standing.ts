import type { SessionAttached, SessionRefused } from "@/api/messages";

/** How it stands between this window and a session; a new value for each change, so that it can be shown. */
export interface Standing {
  readonly phase: "joining" | "live" | "offline" | "ended" | "refused";
  readonly mode: "view" | "drive";
  /** Who drives, as the hub calls them; undefined until that was said here. */
  readonly driver: string | null | undefined;
  readonly cols: number;
  readonly rows: number;
  /** Bytes that were printed and never came here. */
  readonly missed: number;
  readonly refusal: { readonly code: string; readonly detail: string; readonly hint: string } | null;
  /** What there is to say, with a number, so that the same words can be said again. */
  readonly word: { readonly number: number; readonly text: string; readonly hint: string } | null;
}

export const BEFORE: Standing = {
  phase: "joining",
  mode: "view",
  driver: undefined,
  cols: 0,
  rows: 0,
  missed: 0,
  refusal: null,
  word: null,
};

/** Events after which a session says nothing more. */
export const ENDINGS: ReadonlySet<string> = new Set(["closed", "lost", "failed", "deleted"]);

export function say(it: Standing, text: string, hint = ""): Standing {
  return { ...it, word: { number: (it.word?.number ?? 0) + 1, text, hint } };
}

/** `wished`: the mode that was asked for; another one may drive. */
export function attached(it: Standing, said: SessionAttached, wished: "view" | "drive"): Standing {
  const taken = it.mode === "view" && said.mode === "drive";
  const now: Standing = {
    ...it,
    phase: "live",
    mode: said.mode,
    cols: said.cols,
    rows: said.rows,
    refusal: null,
    word: taken ? null : it.word,
  };
  if (wished === "drive" && said.mode === "view") {
    return say(now, "Somebody else took control meanwhile.", "You watch now; take control to type.");
  }
  return now;
}

export function refused(it: Standing, said: SessionRefused): Standing {
  const refusal = { code: said.code, detail: said.detail, hint: said.hint ?? "" };
  if (said.code === "session_ended") return { ...it, phase: "ended", mode: "view" };
  if (it.phase !== "live") return { ...it, phase: "refused", mode: "view", refusal };
  if (said.code === "not_driving") return it.mode === "drive" ? lostControl(it, refusal.detail) : it;
  return say(it, refusal.detail, refusal.hint);
}

/** What an event's details say of the size; other details are read by queries. */
export function resized(it: Standing, details: Readonly<Record<string, unknown>>): Standing {
  const { cols, rows } = details;
  if (!isSide(cols) || !isSide(rows) || (cols === it.cols && rows === it.rows)) return it;
  return { ...it, cols, rows };
}

export function driven(it: Standing, driver: string | null, me: string): Standing {
  const now = { ...it, driver };
  return it.mode === "drive" && driver !== null && driver !== me
    ? lostControl(now, `${nameOf(driver)} has taken control`)
    : now;
}

function lostControl(it: Standing, text: string): Standing {
  return say({ ...it, mode: "view" }, `You only watch now: ${text}.`, "Take control to type again.");
}

/** `user:jane@example.org` as people read it. */
export function nameOf(label: string): string {
  return label.replace(/^user:/, "");
}

function isSide(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 1000;
}
