import { Button } from "@/ui/Button";
import { Copy } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import style from "./Dialogs.module.css";

/** A program printed a link: where it leads is shown before anybody goes there. */
export function LinkDialog({ url, onClose }: { url: string; onClose: () => void }) {
  const opens = /^https?:\/\//i.test(url);
  return (
    <Dialog title={opens ? "Open this address?" : "Not an address to open"} onClose={onClose}>
      <div className={style.body}>
        <p>{opens ? "A program in the terminal printed it." : "Only http and https addresses are opened."}</p>
        <p className={style.quoted}>
          <bdi>{url}</bdi>
        </p>
        <div className={style.actions}>
          <Copy text={url} label="Copy the address" />
          <Button onClick={onClose}>Stay here</Button>
          {opens && (
            <a className={style.go} href={url} target="_blank" rel="noreferrer noopener nofollow" onClick={onClose}>
              Open in a new tab
            </a>
          )}
        </div>
      </div>
    </Dialog>
  );
}
