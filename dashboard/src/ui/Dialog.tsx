import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "./Button";
import style from "./Dialog.module.css";

const FIELD = "input:enabled, textarea:enabled, select:enabled";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly wide?: boolean;
}

/** A modal window: the browser's own, which keeps the focus inside and closes on Escape. Mount it to open it. */
export function Dialog({ title, onClose, children, wide }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    ref.current?.showModal();
    // The browser gives the focus to the first thing in it, which is the cross; who opens a form wants to fill it in.
    ref.current?.querySelector<HTMLElement>(FIELD)?.focus();
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide ? `${style.dialog} ${style.wide}` : style.dialog}
      aria-labelledby={id}
      onClose={onClose}
      onCancel={(event) => event.stopPropagation()}
    >
      <header className={style.header}>
        <h2 id={id}>{title}</h2>
        <Button kind="quiet" icon={X} aria-label="Close" onClick={() => ref.current?.close()} />
      </header>
      {children}
    </dialog>
  );
}
