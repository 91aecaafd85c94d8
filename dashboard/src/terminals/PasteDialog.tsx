import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import style from "./Dialogs.module.css";
import type { Paste } from "./pasting";

const SHOWN = 4_000;

interface PasteDialogProps {
  readonly paste: Paste;
  readonly onPaste: (text: string) => void;
  readonly onClose: () => void;
}

/** What is about to be pasted, where that should be looked at first. */
export function PasteDialog({ paste, onPaste, onClose }: PasteDialogProps) {
  return (
    <Dialog title={paste.lines === 1 ? "Paste this?" : `Paste ${paste.lines} lines?`} onClose={onClose}>
      <div className={style.body}>
        <p>{paste.warning}</p>
        <pre className={style.quoted} tabIndex={0}>
          {paste.text.slice(0, SHOWN)}
          {paste.text.length > SHOWN && " …"}
        </pre>
        <div className={style.actions}>
          <Button onClick={onClose}>Do not paste</Button>
          <Button
            kind="primary"
            autoFocus
            onClick={() => {
              onClose();
              onPaste(paste.text);
            }}
          >
            Paste
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
