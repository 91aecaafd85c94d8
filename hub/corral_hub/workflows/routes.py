"""The workflow API; the first paths are AutomateOS' own, so that its clients find what they know."""

import json
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from corral_hub.accounts.guard import APerson
from corral_hub.answers import answers
from corral_hub.servers.guard import Who
from corral_hub.text import Text
from corral_hub.workflows import bodies, views
from corral_hub.workflows import facts as f
from corral_hub.workflows import shapes as s
from corral_hub.workflows.actions import Workflows
from corral_hub.workflows.drafts import format_of, read_draft
from corral_hub.workflows.queries import Wanted
from corral_hub.workflows.runs import Runs
from corral_hub.workflows.schema import definition_schema
from corral_protocol.codec import encode
from corral_protocol.vocabulary import RunStatus

Page = Annotated[int, Query(ge=1, le=500)]
After = Annotated[int, Query(ge=0, le=2**31 - 1)]


async def workflows_of(request: Request) -> Workflows:
    return request.app.state.workflows


async def runs_of(request: Request) -> Runs:
    return request.app.state.runs


The = Annotated[Workflows, Depends(workflows_of)]
TheRuns = Annotated[Runs, Depends(runs_of)]
workflows = APIRouter(prefix="/workflows", tags=["workflows"])
runs = APIRouter(prefix="/runs", tags=["workflows"])
nodes = APIRouter(prefix="/node-types", tags=["workflows"])


@workflows.post(
    "", summary="Write a workflow down: ours, a MachinaOs export, or AutomateOS' steps", **answers(s.WorkflowWhole)
)
async def create_workflow(api: The, principal: Who, body: bodies.CreateWorkflowBody) -> s.WorkflowWhole:
    return await api.create(principal, body)


@workflows.get("", summary="List workflows", **answers(list[s.WorkflowBrief]))
async def list_workflows(api: The, principal: Who, after: After = 0, limit: Page = 200) -> list[s.WorkflowBrief]:
    scope = getattr(principal, "project_id", None)
    return [views.workflow(row) for row in await api.queries.workflows(scope, after, limit)]


@workflows.post(
    "/validate", summary="Name everything that is wrong with a definition; nothing is kept", **answers(s.Validated)
)
async def validate_workflow(api: The, principal: Who, body: bodies.ValidateBody) -> s.Validated:
    draft = read_draft(body.definition, api.catalogue())
    problems = [views.problem(problem) for problem in draft.problems]
    origin = format_of(body.definition)
    return {"valid": draft.sound, "problems": problems, "definition": draft.written, "format": origin.value}


@workflows.get("/schema", summary="The JSON Schema of a definition", **answers(s.JsonSchema))
async def show_schema(_principal: Who) -> s.JsonSchema:
    return definition_schema()


@workflows.get(
    "/{workflow}", summary="One workflow, with its draft and what is wrong with it", **answers(s.WorkflowWhole)
)
async def show_workflow(api: The, principal: Who, workflow: str) -> s.WorkflowWhole:
    return await api.show(principal, workflow)


@workflows.patch("/{workflow}", summary="Change the draft or the name", **answers(s.WorkflowWhole))
async def update_workflow(api: The, principal: Who, workflow: str, body: bodies.UpdateWorkflowBody) -> s.WorkflowWhole:
    return await api.update(principal, workflow, body)


@workflows.delete("/{workflow}", status_code=204, summary="Take a workflow away; its runs stay readable")
async def remove_workflow(api: The, principal: Who, workflow: str) -> None:
    await api.remove(principal, workflow)


@workflows.post("/{workflow}/publish", summary="Make the draft the next version", **answers(s.VersionWhole))
async def publish_workflow(api: The, principal: Who, workflow: str, body: bodies.PublishBody) -> s.VersionWhole:
    return await api.publish(principal, workflow, body.note)


@workflows.post("/{workflow}/rollback", summary="Publish an old version once more", **answers(s.VersionWhole))
async def roll_back_workflow(api: The, principal: Who, workflow: str, body: bodies.RollbackBody) -> s.VersionWhole:
    return await api.rollback(principal, workflow, body.number)


@workflows.get("/{workflow}/versions", summary="Published versions, newest first", **answers(s.Versions))
async def list_versions(api: The, principal: Who, workflow: str) -> s.Versions:
    row = await api.get(principal, workflow)
    return {"versions": [views.version(found) for found in await api.queries.versions(row["id"])]}


@workflows.get(
    "/{workflow}/versions/{number}", summary="One published version, as it was and stays", **answers(s.VersionWhole)
)
async def show_version(
    api: The, principal: Who, workflow: str, number: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> s.VersionWhole:
    row = await api.get(principal, workflow)
    return views.version_whole(await api.version(row["id"], number))


@workflows.post(
    "/{workflow}/runs", summary="Begin a run of a version, or try out the draft", **answers(s.RunWhole, 201)
)
async def start_run(api: TheRuns, principal: Who, workflow: str, body: bodies.RunBody) -> Response:
    view = await api.start(principal, workflow, body)  # comes by thousands: no model has to look through it again
    return Response(orjson.dumps(view), 201, media_type="application/json")


async def start_run_at_once(request: Request, workflow: str) -> Response | None:
    """The same by the short way, for a person with a plain request. None: it is anything else."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or request.headers.get("content-type") != "application/json":
        return None
    try:
        body = bodies.RunBody.model_validate(json.loads(await request.body()))
    except (ValueError, RecursionError):  # it is refused, with all that is wrong with it
        return None
    return await start_run(request.app.state.runs, await request.app.state.accounts.authenticate(token), workflow, body)


@workflows.get("/{workflow}/runs", summary="Runs of a workflow, newest first", **answers(s.RunPage))
async def list_runs_of(
    api: TheRuns, principal: Who, workflow: str, limit: Annotated[int, Query(ge=1, le=200)] = 50, offset: After = 0,
    status: RunStatus | None = None, cursor: str | None = None,
) -> s.RunPage:  # fmt: skip
    row = await api.workflows.get(principal, workflow)
    wanted = Wanted(
        workflow_id=row["id"], status=status.value if status else None, limit=limit, offset=offset, cursor=cursor
    )
    return await api.listing(principal, wanted)


@workflows.get("/{workflow}/runs/meta", summary="How many runs there are", **answers(s.RunCount))
async def count_runs(api: TheRuns, principal: Who, workflow: str) -> s.RunCount:
    row = await api.workflows.get(principal, workflow)
    return {"total": await api.queries.count_runs(row["id"])}


@workflows.head("/{workflow}/runs", status_code=204, summary="How many runs there are, as a header")
async def head_runs(api: TheRuns, principal: Who, workflow: str, response: Response) -> None:
    row = await api.workflows.get(principal, workflow)
    response.headers["X-Total-Count"] = str(await api.queries.count_runs(row["id"]))


@runs.get("", summary="Runs of all workflows, newest first", **answers(s.RunPage))
async def list_runs(
    api: TheRuns, principal: Who, status: RunStatus | None = None, limit: Page = 50, cursor: str | None = None,
    workflow: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None, parent: UUID | None = None,
) -> s.RunPage:  # fmt: skip
    """`parent`: the run whose nodes began them."""
    scope = getattr(principal, "project_id", None)
    wanted = Wanted(
        project_id=scope, status=status.value if status else None, limit=limit, cursor=cursor, workflow_id=workflow,
        parent_run_id=parent,
    )  # fmt: skip
    return await api.listing(principal, wanted)


@runs.get("/questions", summary="What runs ask of people, the longest waiting first", **answers(s.Questions))
async def list_questions(api: TheRuns, principal: Who, limit: Page = 100) -> s.Questions:
    scope = getattr(principal, "project_id", None)
    return {"questions": [views.question(row) for row in await api.queries.questions(scope, limit)]}


@runs.get("/{run}", summary="One run, with its nodes", **answers(s.RunWhole))
async def show_run(api: TheRuns, principal: Who, run: str) -> s.RunWhole:
    return await api.show(principal, run)


@runs.get("/{run}/definition", summary="What a run is of, as it was when it began", **answers(s.RunDefinition))
async def show_definition(api: TheRuns, principal: Who, run: str) -> s.RunDefinition:
    return await api.definition(principal, run)


@runs.get("/{run}/edges", summary="Which edges of its graph a run has taken so far", **answers(s.RunSteps))
async def show_edges(api: TheRuns, principal: Who, run: str) -> s.RunSteps:
    return {"edges": await api.steps(principal, run)}


@runs.get(
    "/{run}/history", summary="Everything that happened, in the order in which it was decided", **answers(s.History)
)
async def show_history(api: TheRuns, principal: Who, run: str, after: After = 0, limit: Page = 500) -> s.History:
    row = await api.get(principal, run)
    entries = [views.entry(found) for found in await api.queries.history(row["id"], after, limit)]
    return {"events": entries, "next": entries[-1]["number"] if entries else after}


Place = Annotated[int, Query(ge=0, le=2**63 - 1)]
Pieces = Annotated[int, Query(ge=1, le=100)]
Key = Annotated[Text, Path(max_length=300)]


@runs.get("/{run}/logs", summary="What its nodes have logged, in the order in which it came", **answers(s.LogPage))
async def show_logs(api: TheRuns, principal: Who, run: str, after: Place = 0, limit: Pieces = 50) -> s.LogPage:
    return await api.logs(principal, run, None, after, limit)


@runs.get("/{run}/nodes/{key}/logs", summary="What one node has logged, with its items", **answers(s.LogPage))
async def show_node_logs(
    api: TheRuns, principal: Who, run: str, key: Key, after: Place = 0, limit: Pieces = 50
) -> s.LogPage:
    return await api.logs(principal, run, key, after, limit)


@runs.post("/{run}/cancel", summary="Stop a run and whatever it has running", **answers(s.RunWhole))
async def cancel_run(api: TheRuns, principal: Who, run: str, body: bodies.CancelBody) -> s.RunWhole:
    return await api.tell(principal, run, f.Cancelled(reason=body.reason))


@runs.post("/{run}/pause", summary="Begin nothing new; what runs goes on", **answers(s.RunWhole))
async def pause_run(api: TheRuns, principal: Who, run: str) -> s.RunWhole:
    return await api.tell(principal, run, f.Paused())


@runs.post("/{run}/resume", summary="Go on", **answers(s.RunWhole))
async def resume_run(api: TheRuns, principal: Who, run: str) -> s.RunWhole:
    return await api.tell(principal, run, f.Continued())


@runs.post("/{run}/retry", summary="Run again from what failed, or from a node", **answers(s.RunWhole, 201))
async def retry_run(api: TheRuns, principal: Who, run: str, body: bodies.RetryBody) -> s.RunWhole:
    return await api.retry(principal, run, body.from_node)


@runs.post("/{run}/nodes/{key}/answer", summary="Approve or refuse what a node asks", **answers(s.RunWhole))
async def answer_node(api: TheRuns, principal: Who, run: str, key: str, body: bodies.AnswerBody) -> s.RunWhole:
    return await api.answer(principal, run, key, body)


@nodes.post("/placement", summary="Which machines could run a node, and why not the others", **answers(s.Candidates))
async def preview_placement(api: The, _: APerson, body: bodies.PlacementBody) -> s.Candidates:
    """Nothing is placed. Slots are of no account: nodes have a bound of their own."""
    return {"servers": await api.placement(body)}


@nodes.get("", summary="Every node type that a machine has", **answers(s.NodeTypes))
async def list_node_types(api: The, principal: Who) -> s.NodeTypes:
    manifests = {manifest.type: manifest for manifest in api.catalogue().values()}
    return {"node_types": [encode(manifests[name]) for name in sorted(manifests)]}
