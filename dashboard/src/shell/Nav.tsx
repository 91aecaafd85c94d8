import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Keyboard, LogOut, Monitor, Moon, Search, Sun } from "lucide-react";
import { useState } from "react";
import { inboxQuery } from "@/inbox/queries";
import { logOut } from "@/login/logOut";
import { whoQuery } from "@/login/queries";
import { Button } from "@/ui/Button";
import { LiveBadge } from "./LiveBadge";
import style from "./Nav.module.css";
import { PLACES } from "./places";
import { chooseTheme, currentTheme, NEXT } from "./theme";

export function Nav({ onSearch, onHelp }: { onSearch: () => void; onHelp: () => void }) {
  return (
    <nav className={style.nav} aria-label="Main">
      <div className={style.brand}>
        <img src="/favicon.svg" alt="" width={22} height={22} />
        <strong>Corral</strong>
        <LiveBadge />
      </div>
      <button type="button" className={style.search} aria-label="Search or act ⌘K" onClick={onSearch}>
        <Search aria-hidden size={15} /> <span>Search or act</span> <kbd>⌘K</kbd>
      </button>
      <ul className={style.places}>
        {PLACES.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link to={to} activeOptions={{ exact: to === "/" }} activeProps={{ "aria-current": "page" }}>
              <Icon aria-hidden size={17} />
              <span>{label}</span>
              {to === "/" && <Waiting />}
            </Link>
          </li>
        ))}
      </ul>
      <Foot onHelp={onHelp} />
    </nav>
  );
}

function Waiting() {
  const total = useQuery(inboxQuery).data?.total;
  return total ? (
    <span className={style.waiting}>
      {total}
      <span className="visually-hidden"> need you</span>
    </span>
  ) : null;
}

const THEME_ICON = { system: Monitor, light: Sun, dark: Moon } as const;

function Foot({ onHelp }: { onHelp: () => void }) {
  const who = useQuery(whoQuery).data;
  const [theme, setTheme] = useState(currentTheme);
  function turn() {
    chooseTheme(NEXT[theme]);
    setTheme(NEXT[theme]);
  }
  return (
    <div className={style.foot}>
      <span className={style.who} title={who?.email}>
        {who?.email}
        {who?.role === "viewer" && " (viewer)"}
      </span>
      <Button
        kind="quiet"
        small
        icon={THEME_ICON[theme]}
        aria-label={`Theme: ${theme}`}
        title={`Theme: ${theme}`}
        onClick={turn}
      />
      <Button
        kind="quiet"
        small
        icon={Keyboard}
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={onHelp}
      />
      <Button kind="quiet" small icon={LogOut} aria-label="Log out" title="Log out" onClick={() => void logOut()} />
    </div>
  );
}
