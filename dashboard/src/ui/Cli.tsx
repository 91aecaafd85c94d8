import { Terminal } from "lucide-react";
import style from "./Cli.module.css";
import { Copy } from "./Copy";

/** The same on the command line. */
export function Cli({ command }: { command: string }) {
  return (
    <span className={style.cli}>
      <Terminal aria-hidden size={14} />
      <code>{command}</code>
      <Copy text={command} label="Copy the command" />
    </span>
  );
}
