import { type ReactNode, useEffect } from "react";
import { Cli } from "./Cli";
import style from "./Page.module.css";

interface PageProps {
  readonly title: string;
  /** Stands before the title: a status, a way back. */
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** What does the same on the command line. */
  readonly cli?: string;
  /** Takes the whole room and scrolls inside: boards, canvases, terminals. */
  readonly full?: boolean;
  readonly children: ReactNode;
}

export function Page({ title, lead, actions, cli, full, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Corral`;
  }, [title]);
  return (
    <div className={full ? `${style.page} ${style.full}` : style.page}>
      <header className={style.header}>
        <div className={style.title}>
          {lead}
          <h1>{title}</h1>
        </div>
        {cli && <Cli command={cli} />}
        {actions && <div className={style.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
