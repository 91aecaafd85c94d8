import { Outlet } from "@tanstack/react-router";
import { useState } from "react";
import { LiveProvider } from "@/live/live";
import { useKeys } from "./keys";
import { Nav } from "./Nav";
import { Palette } from "./Palette";
import style from "./Shell.module.css";
import { Shortcuts } from "./Shortcuts";
import { Toasts } from "./Toasts";

export function Shell() {
  const [open, setOpen] = useState<"palette" | "shortcuts" | null>(null);
  useKeys({ palette: () => setOpen("palette"), shortcuts: () => setOpen("shortcuts") });
  return (
    <LiveProvider>
      <a className={style.skip} href="#main">
        Skip to the content
      </a>
      <div className={style.shell}>
        <Nav onSearch={() => setOpen("palette")} onHelp={() => setOpen("shortcuts")} />
        <main id="main" className={style.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      {open === "palette" && <Palette onClose={() => setOpen(null)} />}
      {open === "shortcuts" && <Shortcuts onClose={() => setOpen(null)} />}
      <Toasts />
    </LiveProvider>
  );
}
