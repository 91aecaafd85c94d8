import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { Button } from "@/ui/Button";
import { currentToasts, dismiss, watchToasts } from "@/ui/toasts";
import style from "./Toasts.module.css";

export function Toasts() {
  const toasts = useSyncExternalStore(watchToasts, currentToasts);
  return (
    <div className={style.toasts} role="status" aria-live="polite">
      {toasts.map((toast) => {
        const Icon = toast.tone === "ok" ? CircleCheck : CircleAlert;
        return (
          <div key={toast.id} className={`${style.toast} ${style[toast.tone]}`}>
            <Icon aria-hidden size={16} />
            <div>
              <p>{toast.text}</p>
              {toast.hint && <p className={style.hint}>{toast.hint}</p>}
            </div>
            <Button kind="quiet" small icon={X} aria-label="Dismiss" onClick={() => dismiss(toast.id)} />
          </div>
        );
      })}
    </div>
  );
}
