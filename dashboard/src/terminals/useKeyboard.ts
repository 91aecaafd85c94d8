import { type RefObject, useEffect, useEffectEvent, useState } from "react";
import { withCtrl } from "./keys";
import type { Standing } from "./standing";
import type { Attached } from "./useAttachment";

interface Hands {
  /** Ctrl was pressed in the key row: the next letter is a control character. */
  readonly ctrl: boolean;
  readonly setCtrl: (ctrl: boolean) => void;
  readonly onPaste: (text: string) => void;
  readonly onSearch: () => void;
  readonly onLeave: () => void;
}

/** What is typed goes to the session while this window drives it; otherwise it goes nowhere, and that is said. */
export function useKeyboard(
  host: RefObject<HTMLElement | null>,
  attached: Attached | null,
  standing: Standing,
  hands: Hands,
) {
  const drives = standing.mode === "drive" && standing.phase === "live";
  const type = useEffectEvent((text: string) => {
    attached?.attachment.type(hands.ctrl ? withCtrl(text) : text);
    if (hands.ctrl) hands.setCtrl(false);
  });
  /** Whether the terminal may have this key. */
  const key = useEffectEvent((event: KeyboardEvent): boolean => {
    if (event.type !== "keydown") return drives;
    const does = shortcut(event);
    if (does) {
      event.preventDefault();
      event.stopPropagation();
      if (does === "copy") copy(attached);
      else if (does === "search") hands.onSearch();
      else hands.onLeave();
      return false;
    }
    if (!drives && isTyping(event)) attached?.attachment.refuseKeys();
    return drives;
  });
  const paste = useEffectEvent((event: ClipboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    hands.onPaste(event.clipboardData?.getData("text/plain") ?? "");
  });
  useEffect(() => {
    if (attached) attached.screen.takesKeys = drives;
  }, [attached, drives]);
  useEffect(() => {
    const box = host.current;
    if (attached === null || box === null) return;
    const { terminal } = attached.screen;
    terminal.attachCustomKeyEventHandler((event) => key(event));
    const ends = [
      terminal.onData((text) => type(text)),
      terminal.onBinary((text) =>
        attached.attachment.typeBytes(Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff)),
      ),
    ];
    const onPaste = (event: ClipboardEvent) => paste(event);
    box.addEventListener("paste", onPaste, true);
    return () => {
      for (const end of ends) end.dispose();
      box.removeEventListener("paste", onPaste, true);
    };
  }, [host, attached]);
}

function shortcut(event: KeyboardEvent): "copy" | "search" | "leave" | null {
  if (event.shiftKey && event.key === "Escape") return "leave";
  if (!event.shiftKey || !(event.ctrlKey || event.metaKey)) return null;
  return ({ c: "copy", f: "search" } as const)[event.key.toLowerCase() as "c" | "f"] ?? null;
}

export function copy(attached: Attached | null): void {
  const text = attached?.screen.terminal.getSelection() ?? "";
  if (text !== "") void navigator.clipboard.writeText(text);
}

/** Whether a key would have typed something: not one that moves on the page, or is for the browser. */
function isTyping(event: KeyboardEvent): boolean {
  if (event.altKey || event.metaKey || event.key === "Tab") return false;
  return event.key.length === 1 ? !event.ctrlKey || event.key === "c" || event.key === "d" : event.key === "Enter";
}

/** How much of the window an on-screen keyboard covers, where the browser does not shrink the page for it. */
export function useCovered(): number {
  const [covered, setCovered] = useState(0);
  useEffect(() => {
    const seen = window.visualViewport;
    if (!seen) return;
    const measure = () => setCovered(Math.max(0, Math.round(window.innerHeight - seen.height - seen.offsetTop)));
    measure();
    seen.addEventListener("resize", measure);
    seen.addEventListener("scroll", measure);
    return () => {
      seen.removeEventListener("resize", measure);
      seen.removeEventListener("scroll", measure);
    };
  }, []);
  return covered;
}
