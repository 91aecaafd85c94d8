"""The task API, mounted twice: `/tasks` for people, `/server/tasks` for agents; the same bodies and answers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from corral_hub import clock
from corral_hub.accounts.model import Person
from corral_hub.answers import answers
from corral_hub.servers.guard import Who
from corral_hub.short_ids import Prefix, parse, pick
from corral_hub.tasks import bodies, contracts, views
from corral_hub.tasks import commands as cmd
from corral_hub.tasks import shapes as s
from corral_hub.tasks.actions import Tasks
from corral_hub.tasks.explain import Explanation
from corral_hub.tasks.rows import load

After = Annotated[int, Query(ge=0, le=2**63 - 1)]
Page = Annotated[int, Query(ge=1, le=500)]


async def tasks_of(request: Request) -> Tasks:
    return request.app.state.tasks


The = Annotated[Tasks, Depends(tasks_of)]

tasks = APIRouter(prefix="/tasks", tags=["tasks"])
interventions = APIRouter(prefix="/interventions", tags=["interventions"])


@tasks.get("/check", summary="The tasks this agent should be working on", **answers(s.TasksAtHand))
async def check_tasks(api: The, principal: Who) -> s.TasksAtHand:
    return await api.mine(principal)


@tasks.get("/{task}", summary="One task, with everything about it", **answers(s.TaskView))
async def show_task(api: The, principal: Who, task: str) -> s.TaskView:
    return await api.show(principal, task)


@tasks.get("/{task}/explain", summary="Why this host, why not that one, why still waiting", **answers(Explanation))
async def explain_task(api: The, principal: Who, task: str) -> Explanation:
    return await api.explain(principal, task)


@tasks.get("/{task}/notes", summary="Notes, oldest first", **answers(list[s.NoteView]))
async def list_notes(api: The, principal: Who, task: str) -> list[s.NoteView]:
    found, _ = await api.get(principal, task)
    rows = await api.queries.notes(found.id)
    return [views.kept_note(row) for row in rows]


@tasks.get("/{task}/output", summary="Output from a cursor on, exact and as text", **answers(s.OutputPage))
async def read_output(api: The, principal: Who, task: str, after: After = 0, limit: Page = 500) -> s.OutputPage:
    found, _ = await api.get(principal, task)
    rows, more = await api.queries.output(found.id, after, limit)
    return {"chunks": [views.chunk(row) for row in rows], "next": rows[-1]["id"] if rows else after, "more": more}


@tasks.get("/{task}/activity", summary="Every change, with who did it", **answers(s.EventPage))
async def read_task_activity(api: The, principal: Who, task: str, after: After = 0, limit: Page = 500) -> s.EventPage:
    found, _ = await api.get(principal, task)
    rows = await api.queries.activity(found.id, after, limit)
    events = [views.event(row, load(row["details"])) for row in rows]
    return {"events": events, "next": rows[-1]["id"] if rows else after}


@tasks.get(
    "/{task}/assignments", summary="Every time the work was handed out, and how it went", **answers(s.Assignments)
)
async def list_assignments(api: The, principal: Who, task: str) -> s.Assignments:
    found, _ = await api.get(principal, task)
    rows = await api.queries.assignments(found.id)
    return {"assignments": [views.assignment(row, load(row["outcome"])) for row in rows]}


@tasks.get("/{task}/contracts", summary="What the task promised and what it published", **answers(s.ContractsView))
async def show_contracts(api: The, principal: Who, task: str) -> s.ContractsView:
    found, _ = await api.get(principal, task)
    declared = found.structured_spec.get("contracts") or []
    return {"declared": declared, "published": dict(contracts.published(found.result))}


@tasks.get("/{task}/contracts/impact", summary="All tasks downstream of a contract", **answers(s.Impact))
async def contract_impact(api: The, principal: Who, task: str, key: bodies.Short | None = None) -> s.Impact:
    found, _ = await api.get(principal, task)
    rows = await api.queries.impact(found.id, key)
    hit = [views.affected(row) for row in rows]
    return {"tasks": sorted(hit, key=lambda row: (row["depth"], row["title"]))}


@tasks.post("", summary="Create a task", **answers(s.TaskView, 201, 200))
async def create_task(api: The, principal: Who, body: bodies.CreateTaskBody, response: Response) -> s.TaskView:
    task, created = await api.create(principal, body)
    response.status_code = 201 if created else 200
    return task


@tasks.put("/{task}", summary="Change a task's words or requirements", **answers(s.TaskView))
async def update_task(api: The, principal: Who, task: str, body: bodies.UpdateTaskBody) -> s.TaskView:
    return await api.update(principal, await api.resolve(principal, task), body)


@tasks.delete("/{task}", summary="Cancel a task; its processes are stopped", **answers(s.TaskView))
async def cancel_task(api: The, principal: Who, task: str, reason: bodies.Short = "") -> s.TaskView:
    id = await api.resolve(principal, task)
    return await api.change(cmd.Cancel(task_id=id, principal=principal, reason=reason or "cancelled by request"))


@tasks.post("/{task}/notes", summary="Leave a note", **answers(s.NoteView, 201))
async def add_note(api: The, principal: Who, task: str, body: bodies.NoteBody) -> s.NoteView:
    id = await api.resolve(principal, task)
    asked = cmd.AddNote(task_id=id, principal=principal, content=body.content, urgent=body.urgent)
    return views.note(await api.ask(asked))


@tasks.post(
    "/{task}/assign",
    summary="Assign to a server, or by hand; dry_run explains instead",
    **answers(s.TaskView | Explanation),
)
async def assign_task(api: The, principal: Who, task: str, body: bodies.AssignBody) -> s.TaskView | Explanation:
    found, _ = await api.get(principal, task)
    if body.dry_run:
        return await api.explain_now(principal, found)
    asked = cmd.Assign(
        task_id=found.id, principal=principal, server=body.server, session_name=body.session_name,
        require_plan=body.require_plan,
    )  # fmt: skip
    return await api.change(asked)


@tasks.post("/{task}/start", summary="Start an assigned task", **answers(s.TaskView))
async def start_task(api: The, principal: Who, task: str) -> s.TaskView:
    return await api.change(cmd.Start(task_id=await api.resolve(principal, task), principal=principal))


@tasks.post("/{task}/complete", summary="Complete; contracts are checked first", **answers(s.TaskView))
async def complete_task(api: The, principal: Who, task: str, body: bodies.CompleteBody) -> s.TaskView:
    id = await api.resolve(principal, task)
    asked = cmd.Complete(task_id=id, principal=principal, result=body.result, git_diff_stats=body.git_diff_stats)
    return await api.change(asked)


@tasks.post("/{task}/fail", summary="Report that the task failed", **answers(s.TaskView))
async def fail_task(api: The, principal: Who, task: str, body: bodies.FailBody) -> s.TaskView:
    id = await api.resolve(principal, task)
    return await api.change(cmd.Fail(task_id=id, principal=principal, error=body.error))


@tasks.post("/{task}/help", summary="Ask a human: help, question or approval", **answers(s.Asked))
async def ask_help(api: The, principal: Who, task: str, body: bodies.HelpBody) -> s.Asked:
    id = await api.resolve(principal, task)
    asked = cmd.Help(
        task_id=id, principal=principal, intervention_id=clock.new_id(), question=body.question,
        context=body.context, kind=body.intervention_type,
    )  # fmt: skip
    item, after = await api.ask(asked)
    return {"intervention_id": str(item.id), "status": item.status, "task_status": after.status.value}


@tasks.post("/{task}/plan", summary="Submit a plan for approval", **answers(s.TaskView))
async def submit_plan(api: The, principal: Who, task: str, body: bodies.PlanBody) -> s.TaskView:
    id = await api.resolve(principal, task)
    return await api.change(cmd.SubmitPlan(task_id=id, principal=principal, plan=body.plan))


@tasks.post("/{task}/review", summary="Submit the result for review", **answers(s.TaskView))
async def submit_review(api: The, principal: Who, task: str, body: bodies.ReviewBody) -> s.TaskView:
    id = await api.resolve(principal, task)
    return await api.change(cmd.SubmitReview(task_id=id, principal=principal, result=body.result))


@tasks.post("/{task}/plan/approve", summary="Approve the plan: the work begins", **answers(s.TaskView))
async def approve_plan(api: The, principal: Who, task: str) -> s.TaskView:
    id = await api.resolve(principal, task)
    return await api.change(cmd.ApprovePlan(task_id=id, principal=principal))


@tasks.post("/{task}/plan/revise", summary="Send the plan back with feedback", **answers(s.TaskView))
async def revise_plan(api: The, principal: Who, task: str, body: bodies.FeedbackBody) -> s.TaskView:
    id = await api.resolve(principal, task)
    return await api.change(cmd.RevisePlan(task_id=id, principal=principal, feedback=body.feedback))


@tasks.post("/{task}/review/approve", summary="Approve the result: the task is done", **answers(s.TaskView))
async def approve_review(api: The, principal: Who, task: str) -> s.TaskView:
    id = await api.resolve(principal, task)
    return await api.change(cmd.ApproveReview(task_id=id, principal=principal))


@tasks.post("/{task}/review/revise", summary="Send the result back with feedback", **answers(s.TaskView))
async def revise_review(api: The, principal: Who, task: str, body: bodies.FeedbackBody) -> s.TaskView:
    id = await api.resolve(principal, task)
    return await api.change(cmd.ReviseReview(task_id=id, principal=principal, feedback=body.feedback))


@tasks.post("/{task}/retry", summary="Try a failed task again", **answers(s.TaskView))
async def retry_task(api: The, principal: Who, task: str) -> s.TaskView:
    return await api.change(cmd.Retry(task_id=await api.resolve(principal, task), principal=principal))


@tasks.post("/{task}/dependencies", summary="Make the task depend on another", **answers(s.DependencyView, 201))
async def add_dependency(api: The, principal: Who, task: str, body: bodies.DependencyBody) -> s.DependencyView:
    id = await api.resolve(principal, task)
    edge = await api.edge(principal, body)
    return views.dependency(await api.ask(cmd.AddDependency(task_id=id, principal=principal, edge=edge)))


@tasks.delete(
    "/{task}/dependencies/{key}",
    summary="Remove a dependency, by its id or the upstream task's",
    **answers(s.DependencyView),
)
async def remove_dependency(api: The, principal: Who, task: str, key: str) -> s.DependencyView:
    found, _ = await api.get(principal, task)
    wanted = parse(key, "dependency")
    if isinstance(wanted, Prefix):
        edges = await api.queries.upstreams(found.id)
        named = {id: upstream.title for edge, upstream in edges for id in (edge.id, edge.upstream)}
        wanted = pick([item for item in named.items() if str(item[0]).startswith(wanted.text)], key, "dependency")
    return views.dependency(await api.ask(cmd.RemoveDependency(task_id=found.id, principal=principal, key=wanted)))


@interventions.get("", summary="Questions to humans, newest first", **answers(list[s.InterventionView]))
async def list_interventions(
    api: The, principal: Who, task_id: str | None = None, status: str | None = None
) -> list[s.InterventionView]:
    task = (await api.get(principal, task_id))[0].id if task_id else None
    scope = None if isinstance(principal, Person) else principal.project_id
    known = status if status in (None, "pending", "responded", "cancelled") else "none"
    return [views.intervention(item) for item in await api.queries.interventions(task, known, scope)]


@interventions.post("/{intervention}/respond", summary="Answer; the task goes on", **answers(s.InterventionView))
async def answer_intervention(
    api: The, principal: Who, intervention: str, body: bodies.RespondBody
) -> s.InterventionView:
    item = await api.find_intervention(principal, intervention)
    asked = cmd.Respond(task_id=item.task_id, principal=principal, intervention_id=item.id, response=body.response)
    answered, _ = await api.ask(asked)
    return views.intervention(answered)
