import { Card } from "@/ui/Card";
import { cardOf } from "./cards";
import { Moves } from "./Moves";
import style from "./PlanReview.module.css";
import { Prose } from "./Prose";
import type { Task } from "./shapes";

/** A plan or a result that waits for a person: what it says, and the answer, in one place. */
export function PlanReview({ task }: { task: Task }) {
  if (task.status !== "plan_review" && task.status !== "review") return null;
  const isPlan = task.status === "plan_review";
  return (
    <div className={style.review}>
      <Card title={isPlan ? "This plan waits for you" : "This result waits for you"}>
        <Prose value={isPlan ? task.plan : task.result} label={isPlan ? "plan" : "result"} />
        <div className={style.actions}>
          <Moves task={cardOf(task)} small />
        </div>
      </Card>
    </div>
  );
}
