import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { LogIn } from "lucide-react";
import { type FormEvent, useState } from "react";
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

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await logIn(String(form.get("email")), String(form.get("password")));
      queries.clear();
      await navigate({ to: safeNext(next) });
    } catch (error) {
      setProblem(error instanceof Problem ? error : Problem.unreachable(error));
    } finally {
      setBusy(false);
    }
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
          The first account is the administrator's: <code>corral up</code> prints it.
        </p>
      </form>
    </main>
  );
}

/** Exchange address and password for a cookie that no script can read. Throws Problem. */
async function logIn(email: string, password: string): Promise<void> {
  const body = new URLSearchParams({ username: email, password, session: "cookie" });
  const response = await fetch("/api/v1/login", { method: "POST", body, credentials: "same-origin" });
  if (!response.ok) throw await readProblem(response);
}
