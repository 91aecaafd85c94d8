import { useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import { PLACES } from "./places";

const CHORD = 1_200; // milliseconds between `g` and the key after it

/** The keys that work everywhere: ⌘K or Ctrl-K, `?`, `g` and a place's key, `j`/`k` through lists. */
export function useKeys(open: { palette: () => void; shortcuts: () => void }): void {
  const navigate = useNavigate();
  const act = useEffectEvent((event: KeyboardEvent, chord: boolean): boolean => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open.palette();
      return false;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event)) return false;
    const place = chord ? PLACES.find((it) => it.key === event.key) : undefined;
    if (place) void navigate({ to: place.to });
    else if (event.key === "?") open.shortcuts();
    else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    return event.key === "g" && !chord;
  });
  useEffect(() => {
    let since = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent) => {
      since = act(event, performance.now() - since < CHORD) ? performance.now() : Number.NEGATIVE_INFINITY;
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.closest("input, textarea, select, dialog, [data-takes-keys]") !== null || target.isContentEditable)
  );
}

/** Move the focus through the page's rows: whatever carries `data-row`. */
function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  const target = row?.matches("a, button, [tabindex]") ? row : row?.querySelector<HTMLElement>("a, button");
  target?.focus();
}
