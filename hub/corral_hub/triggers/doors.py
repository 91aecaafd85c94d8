"""The public door of webhooks: whoever knows a path may knock; what it asks for stands in the workflow."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse
from typing_extensions import TypedDict

from corral_hub.answers import Id, answers, one_of
from corral_hub.errors import BadGateway
from corral_hub.triggers.actions import Deployments
from corral_hub.triggers.calls import Accepted, Answer, Call, Calls, Over, run_path
from corral_hub.triggers.hooks import METHODS
from corral_hub.triggers.orders import Launch
from corral_hub.triggers.routes import deployments_of

The = Annotated[Deployments, Depends(deployments_of)]


async def calls_of(request: Request) -> Calls:
    return request.app.state.calls


TheCalls = Annotated[Calls, Depends(calls_of)]
router = APIRouter(tags=["webhooks"])
older = APIRouter(prefix="/webhooks", tags=["webhooks"])

# A workflow's HTML is shown as a stranger's: no script of it runs, and nothing of the hub's pages is within its reach.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"


State = Annotated[str, one_of(*Launch, "known")]


class Begun(TypedDict):
    """`run`: where it can be seen."""

    run_id: Id
    state: State
    run: str


class Knocked(Begun):
    message: str


async def knock(api: The, calls: TheCalls, request: Request, path: str) -> Response:
    deployment, trigger = api.webhook(path)
    return _response(await calls.receive(deployment, trigger, _call(request)))


async def knock_at_once(request: Request, path: str) -> Response:
    """The same by the short way."""
    state = request.app.state
    return await knock(state.deployments, state.calls, request, path)


for method in METHODS:
    router.add_api_route(
        "/webhook/{path:path}", knock, methods=[method], summary=f"Begin a run ({method})",
        operation_id=f"webhook_{method.lower()}", response_class=Response, status_code=202,
    )  # fmt: skip


@older.post("/{workflow}", summary="Begin a run, as AutomateOS' clients do", **answers(Knocked, 202))
async def knock_by_id(
    api: The, calls: TheCalls, request: Request, workflow: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Knocked:
    deployment, trigger = api.webhook_of(workflow)
    accepted = await calls.receive(deployment, trigger, _call(request), answered=False)
    return {"message": "Webhook received, workflow execution started", **_told(accepted)}


def _call(request: Request) -> Call:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
    return Call(request.method, headers, tuple(request.query_params.multi_items()), request.stream)


def _told(accepted: Accepted) -> Begun:
    return {"run_id": str(accepted.run_id), "state": accepted.state, "run": run_path(accepted.run_id)}


def _response(accepted: Accepted) -> Response:
    match accepted.word:
        case None:
            return JSONResponse({"message": "accepted", **_told(accepted)}, 202)
        case Answer(status=status, content_type=kind, body=body):
            headers = {"Content-Type": kind, "Content-Security-Policy": SANDBOX, "X-Run-Id": str(accepted.run_id)}
            return Response(body, status, headers)
        case Over(status="completed", output=output):
            return JSONResponse({"status": "completed", "output": output, **_told(accepted)})
        case Over(status=status):
            what = f"the run is {status}, and has answered nothing"
            raise BadGateway("run_failed", what, "look at the run", **_told(accepted))
