import { ClipboardPaste } from "lucide-react";
import { toast } from "@/ui/toasts";
import style from "./KeyRow.module.css";
import { ROW } from "./keys";
import type { Standing } from "./standing";
import type { Attached } from "./useAttachment";

interface KeyRowProps {
  readonly attached: Attached | null;
  readonly standing: Standing;
  readonly ctrl: boolean;
  readonly onCtrl: (ctrl: boolean) => void;
  readonly onPaste: (text: string) => void;
}

/** The keys that a phone's keyboard does not have. They leave the focus where it is, so that the keyboard stays up. */
export function KeyRow({ attached, standing, ctrl, onCtrl, onPaste }: KeyRowProps) {
  if (standing.mode !== "drive" || attached === null) return null;
  const { attachment, screen } = attached;
  function press(types: (application: boolean) => string) {
    attachment.type(types(screen.terminal.modes.applicationCursorKeysMode));
    screen.terminal.focus();
  }
  async function pasteNow() {
    try {
      onPaste(await navigator.clipboard.readText());
    } catch {
      toast("danger", "The browser does not let this page read the clipboard.", "Hold the screen and paste instead.");
    }
  }
  return (
    <div
      className={style.row}
      role="toolbar"
      aria-label="Keys"
      onPointerDown={(event) => event.preventDefault()}
      onMouseDown={(event) => event.preventDefault()}
    >
      <button
        type="button"
        aria-pressed={ctrl}
        onClick={() => {
          onCtrl(!ctrl);
          screen.terminal.focus();
        }}
      >
        Ctrl
      </button>
      {ROW.map((key) => (
        <button key={key.name} type="button" aria-label={key.name} onClick={() => press(key.types)}>
          {key.label}
        </button>
      ))}
      <button type="button" aria-label="Paste into the terminal" onClick={() => void pasteNow()}>
        <ClipboardPaste aria-hidden size={16} />
      </button>
    </div>
  );
}
