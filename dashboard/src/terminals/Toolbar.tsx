import { ClipboardPaste, Copy, CornerLeftUp, Eye, Hand, Keyboard, Search } from "lucide-react";
import type { RefObject } from "react";
import { useMayWrite } from "@/login/queries";
import { Button } from "@/ui/Button";
import { toast } from "@/ui/toasts";
import type { Session } from "./queries";
import { nameOf, type Standing } from "./standing";
import style from "./Toolbar.module.css";
import type { Attached } from "./useAttachment";
import { copy } from "./useKeyboard";

interface ToolbarProps {
  readonly attached: Attached | null;
  readonly standing: Standing;
  readonly session: Session;
  readonly title: string;
  readonly prompt: string;
  readonly button: RefObject<HTMLButtonElement | null>;
  readonly onSearch: () => void;
  readonly onPaste: (text: string) => void;
}

export function Toolbar(props: ToolbarProps) {
  const { attached, standing, session, title } = props;
  return (
    <div className={style.bar} role="toolbar" aria-label="Terminal">
      <Control {...props} />
      {standing.phase !== "ended" && <Driver standing={standing} session={session} />}
      {title !== "" && (
        <span className={style.title} title={title}>
          <bdi>{title}</bdi>
        </span>
      )}
      <span className={style.size} title="Columns and rows; the driver's window decides">
        {standing.cols > 0 && `${standing.cols}×${standing.rows}`}
      </span>
      <Tools {...props} attached={attached} />
    </div>
  );
}

/** Takes control, or gives it back. */
function Control({ attached, standing, session, button }: ToolbarProps) {
  if (!useMayWrite() || standing.phase === "ended") return null;
  const drives = standing.mode === "drive";
  function turn() {
    if (attached === null) return;
    if (drives) attached.attachment.release();
    else attached.attachment.take(attached.screen.fits() ?? { cols: session.cols, rows: session.rows });
    attached.screen.terminal.focus();
  }
  return (
    <Button
      ref={button}
      kind={drives ? "plain" : "primary"}
      icon={drives ? Eye : Hand}
      disabled={standing.phase !== "live"}
      title={drives ? "Only watch again. Shift+Esc leaves the terminal" : "Type into this session"}
      onClick={turn}
    >
      {drives ? "Release control" : "Take control"}
    </Button>
  );
}

/** Who types. */
function Driver({ standing, session }: { standing: Standing; session: Session }) {
  const driver = standing.driver === undefined ? session.driver : standing.driver;
  const drives = standing.mode === "drive";
  const who = drives ? "You type here" : driver ? `${nameOf(driver)} types` : "Nobody types";
  return (
    <span className={style.driver} data-testid="driver" data-drives={drives}>
      {drives ? <Keyboard aria-hidden size={15} /> : <Eye aria-hidden size={15} />}
      <bdi>{who}</bdi>
    </span>
  );
}

function Tools({ attached, prompt, onSearch, onPaste, standing }: ToolbarProps) {
  async function pasteNow() {
    try {
      onPaste(await navigator.clipboard.readText());
    } catch {
      toast("danger", "The browser does not let this page read the clipboard.", "Paste with the keyboard instead.");
    }
  }
  function jump() {
    if (attached && !attached.screen.toPrompt(prompt)) {
      toast("danger", "No earlier prompt is known here.", "A shell that marks its prompts (OSC 133) makes them known.");
    }
  }
  return (
    <span className={style.tools}>
      <Button
        kind="quiet"
        icon={Search}
        aria-label="Search"
        title="Search in what is here (Ctrl+Shift+F)"
        onClick={onSearch}
      />
      <Button
        kind="quiet"
        icon={CornerLeftUp}
        aria-label="Jump to the last prompt"
        title="Last prompt"
        onClick={jump}
      />
      <Button
        className={style.desk}
        kind="quiet"
        icon={Copy}
        aria-label="Copy the selection"
        title="Copy the selection (Ctrl+Shift+C)"
        onClick={() => copy(attached)}
      />
      <Button
        className={style.desk}
        kind="quiet"
        icon={ClipboardPaste}
        aria-label="Paste"
        title="Paste (Ctrl+Shift+V)"
        disabled={standing.mode !== "drive"}
        onClick={() => void pasteNow()}
      />
    </span>
  );
}
