import { Check, Copy as CopyIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "./Button";

/** Copies a text; says that it has. */
export function Copy({ text, label = "Copy" }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(text);
    setDone(true);
    window.setTimeout(() => setDone(false), 1_500);
  }
  return (
    <Button
      kind="quiet"
      small
      icon={done ? Check : CopyIcon}
      aria-label={done ? "Copied" : label}
      title={label}
      onClick={copy}
    />
  );
}
