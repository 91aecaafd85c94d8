import type { ReactNode } from "react";
import { Cli } from "./Cli";
import style from "./Empty.module.css";

/** Nothing here: what that means, and the next command. */
export function Empty({ title, children, cli }: { title: string; children?: ReactNode; cli?: string }) {
  return (
    <div className={style.empty}>
      <p className={style.title}>{title}</p>
      {children && <div className={style.text}>{children}</div>}
      {cli && <Cli command={cli} />}
    </div>
  );
}
