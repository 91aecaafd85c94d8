import { useState } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import type { Deployment } from "../shapes";
import style from "./Deployment.module.css";

export interface DeployWish {
  readonly concurrency: number | null;
  readonly whenBusy: "queue" | "reject";
}

interface DeployFormProps {
  readonly deployment: Deployment;
  readonly busy: boolean;
  readonly onDeploy: (wish: DeployWish) => void;
  readonly onClose: () => void;
}

/** How many runs at a time its triggers may begin, and what happens to events beyond them. */
export function DeployForm({ deployment, busy, onDeploy, onClose }: DeployFormProps) {
  const [runs, setRuns] = useState(deployment.deployed ? String(deployment.concurrency ?? "") : "100");
  const [whenBusy, setWhenBusy] = useState(deployment.deployed ? deployment.when_busy : "queue");
  return (
    <Dialog title="Deploy" onClose={onClose}>
      <form
        className={style.form}
        onSubmit={(event) => {
          event.preventDefault();
          onDeploy({ concurrency: runs.trim() === "" ? null : Number(runs), whenBusy });
        }}
      >
        <p>Publishes the draft if it differs from the newest version, and arms its triggers.</p>
        <Field label="Runs at a time" hint="empty: any number">
          {(control) => (
            <input
              {...control}
              type="number"
              min={1}
              max={100_000}
              value={runs}
              onChange={(event) => setRuns(event.target.value)}
            />
          )}
        </Field>
        <Field label="While it is busy">
          {(control) => (
            <select
              {...control}
              value={whenBusy}
              onChange={(event) => setWhenBusy(event.target.value as "queue" | "reject")}
            >
              <option value="queue">events wait</option>
              <option value="reject">events are refused</option>
            </select>
          )}
        </Field>
        <div className={style.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={busy}>
            Deploy
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
