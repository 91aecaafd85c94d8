import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMayWrite } from "@/login/queries";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Tag } from "@/ui/Status";
import type { DraftStore } from "../editor/draft";
import { deploy, deploymentQuery, undeploy } from "../queries";
import type { Deployed, Deployment, WorkflowDetail } from "../shapes";
import { ArmedTriggers } from "./ArmedTriggers";
import { DeployForm, type DeployWish } from "./DeployForm";
import style from "./Deployment.module.css";
import { NextRunsCard } from "./NextRunsCard";

/** What is armed: its triggers, where they listen, when they fire next; arming and disarming. */
export function DeploymentTab({ workflow, draft }: { workflow: WorkflowDetail; draft: DraftStore }) {
  const deployment = useQuery(deploymentQuery(workflow.id));
  return (
    <Loaded query={deployment}>
      {(found) => (
        <div className={style.tab}>
          <State workflow={workflow} draft={draft} deployment={found} />
          {found.deployed && <ArmedTriggers deployment={found} />}
          <NextRunsCard workflow={workflow} />
        </div>
      )}
    </Loaded>
  );
}

function State({
  workflow,
  draft,
  deployment,
}: {
  workflow: WorkflowDetail;
  draft: DraftStore;
  deployment: Deployment;
}) {
  const mayWrite = useMayWrite();
  const [asking, setAsking] = useState(false);
  const touches = [
    ["workflows", "one", String(workflow.id)],
    ["workflows", "list"],
  ] as const;
  const arm = useAction({
    run: async (wish: DeployWish) => {
      await draft.flush();
      return deploy(workflow.id, wish.concurrency, wish.whenBusy);
    },
    touches,
    done: (made) => `Version ${made.version} is deployed`,
    onDone: () => setAsking(false),
  });
  const disarm = useAction({
    run: () => undeploy(workflow.id),
    touches,
    done: "Its triggers are disarmed; runs in flight go on",
  });
  return (
    <Card
      title="Deployment"
      actions={
        mayWrite && (
          <span className={style.buttons}>
            {deployment.deployed && (
              <Button busy={disarm.isPending} onClick={() => disarm.mutate()}>
                Undeploy
              </Button>
            )}
            <Button kind="primary" onClick={() => setAsking(true)}>
              {deployment.deployed ? "Deploy the draft" : "Deploy"}
            </Button>
          </span>
        )
      }
    >
      {deployment.deployed ? <Facts deployment={deployment} /> : <p>Nothing is armed: runs begin by hand alone.</p>}
      {asking && (
        <DeployForm
          deployment={deployment}
          busy={arm.isPending}
          onDeploy={(wish) => arm.mutate(wish)}
          onClose={() => setAsking(false)}
        />
      )}
    </Card>
  );
}

function Facts({ deployment }: { deployment: Deployed }) {
  return (
    <dl className={style.facts}>
      <dt>State</dt>
      <dd>
        <Tag tone="ok">armed</Tag> <Tag tone="accent">v{deployment.version}</Tag>{" "}
        <Since at={deployment.deployed_at} prefix="for " /> by {deployment.deployed_by}
      </dd>
      <dt>Runs at a time</dt>
      <dd>
        {deployment.concurrency ?? "any number"}; while busy, events{" "}
        {deployment.when_busy === "queue" ? "wait" : "are refused"}
      </dd>
      <dt>Now</dt>
      <dd>
        {deployment.active_runs} running, {deployment.waiting} waiting
      </dd>
    </dl>
  );
}
