import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { LogIn } from "lucide-react";
import { type FormEvent, useEffect, useEffectEvent, useState } from "react";
import { Problem, readProblem } from "@/api/problem";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import style from "./LoginPage.module.css";
import { safeNext } from "./next";

const route = getRouteApi("/login");

export function LoginPage() {
  const { next } = route.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function enter(credential: Record<string, string>) {
    setBusy(true);
    try {
      await logIn(credential);
      queries.clear();
      await navigate({ to: safeNext(next) });
    } catch (error) {
      setProblem(error instanceof Problem ? error : Problem.unreachable(error));
    } finally {
      setBusy(false);
    }
  }

  const open = useEffectEvent((once: string) => void enter({ once }));
  useEffect(() => {
    const once = takeOnce();
    if (once !== null) open(once);
  }, []);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void enter({ username: String(form.get("email")), password: String(form.get("password")) });
  }

  return (
    <main className={style.page}>
      <form className={style.form} onSubmit={submit}>
        <img src="/favicon.svg" alt="" width={40} height={40} />
        <h1>Log in to Corral</h1>
        {problem && <Notice error={problem} />}
        <Field label="E-mail address">
          {(control) => <input {...control} name="email" type="email" autoComplete="username" required autoFocus />}
        </Field>
        <Field label="Password">
          {(control) => <input {...control} name="password" type="password" autoComplete="current-password" required />}
        </Field>
        <Button type="submit" kind="primary" icon={LogIn} busy={busy}>
          Log in
        </Button>
        <p className={style.hint}>
          <code>corral up</code> prints a link that logs its administrator in; <code>corral dashboard</code> makes
          another.
        </p>
      </form>
    </main>
  );
}

/** The secret of a one-time link, which counts once: it is taken out of the address bar and the history. */
function takeOnce(): string | null {
  const once = new URLSearchParams(location.hash.slice(1)).get("once");
  if (once !== null) history.replaceState(history.state, "", location.pathname + location.search);
  return once;
}

/** Exchange address and password, or a one-time link, for a cookie that no script can read. Throws Problem. */
async function logIn(credential: Record<string, string>): Promise<void> {
  const body = new URLSearchParams({ ...credential, session: "cookie" });
  const response = await fetch("/api/v1/login", { method: "POST", body, credentials: "same-origin" });
  if (!response.ok) throw await readProblem(response);
}
