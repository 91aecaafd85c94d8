import type { Session } from "./queries";

const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  6: "SIGABRT",
  9: "SIGKILL",
  11: "SIGSEGV",
  15: "SIGTERM",
};

/** How a session ended, after its name; empty while it has not. */
export function ending(session: Pick<Session, "status" | "exit_code" | "signal" | "error">): string {
  if (session.status === "failed") return `could not be started${because(session.error)}`;
  if (session.status === "lost") return `was lost${because(session.error)}`;
  if (session.status !== "closed") return "";
  if (session.signal !== null) return `was ended by ${SIGNALS[session.signal] ?? `signal ${session.signal}`}`;
  return session.exit_code === null ? "has ended" : `has ended with exit code ${session.exit_code}`;
}

function because(error: string | null): string {
  return error ? `: ${error.slice(0, 500)}` : "";
}

/** `session_kill_requested` as people read it. */
export function happening(event: string): string {
  return event.replace(/^session_/, "").replaceAll("_", " ");
}

/** What a session runs, in one line. */
export function running(session: Pick<Session, "argv" | "agent_type">): string {
  if (session.argv.length > 0) return session.argv.join(" ").slice(0, 500);
  return session.agent_type ?? "login shell";
}
