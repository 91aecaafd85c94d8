import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useMayWrite } from "@/login/queries";
import { Page } from "@/ui/Page";
import style from "./SettingsPage.module.css";

const PARTS = [
  { to: "/settings/projects", label: "Projects", cli: "corral project list", forAll: true },
  { to: "/settings/users", label: "Users", cli: "corral user list", forAll: false },
  { to: "/settings/tokens", label: "Registration tokens", cli: "corral token list", forAll: false },
  { to: "/settings/keys", label: "API keys", cli: "corral key list", forAll: false },
  { to: "/settings/audit", label: "Audit log", cli: "corral audit", forAll: false },
] as const;

export function SettingsPage() {
  const { pathname } = useLocation();
  const mayWrite = useMayWrite();
  const current = PARTS.find((part) => pathname.startsWith(part.to));
  return (
    <Page title={current?.label ?? "Settings"} cli={current?.cli ?? "corral project list"}>
      <nav className={style.parts} aria-label="Settings">
        {PARTS.filter((part) => part.forAll || mayWrite).map((part) => (
          <Link key={part.to} to={part.to} activeProps={{ "aria-current": "page" }}>
            {part.label}
          </Link>
        ))}
      </nav>
      <Outlet />
    </Page>
  );
}
