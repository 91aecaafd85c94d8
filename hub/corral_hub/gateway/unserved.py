"""What the published CLI can ask for and Corral has not: an answer of the shape it expects, or a clear no.

Commands and files go to sessions, which are to come. Scans of code are not kept.
"""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from corral_hub.errors import NotFound
from corral_hub.tasks.bodies import Body, Short
from corral_hub.tasks.routes import The, Who

Json = dict[str, Any]
Named = Annotated[Short, Field(min_length=1)]
router = APIRouter(tags=["older agents"])


class ExecBody(Body):
    session_name: Named


class TransferBody(Body):
    target_session: Named


@router.post("/remote/exec", summary="Run a command in a session: there is none yet")
async def execute(body: ExecBody) -> Json:
    raise _no_session(body.session_name)


@router.post("/remote/file-transfer", summary="Send a file to a session: there is none yet")
async def send_file(body: TransferBody) -> Json:
    raise _no_session(body.target_session)


@router.get("/remote/file-transfer/{transfer}", summary="How a file transfer goes: there is none yet")
async def show_transfer(transfer: str) -> Json:
    raise NotFound("transfer_not_found", f"there is no file transfer {transfer}", "send the file another way")


@router.post("/architecture/snapshot", summary="A scan of the code: not kept")
async def keep_snapshot() -> Json:
    raise NotFound("scans_not_kept", "this hub keeps no scans of code; nothing was stored", "use the scan on the spot")


@router.get("/architecture/health/{project}", summary="The last scan of a project's code: none is kept")
async def show_health(api: The, principal: Who, project: str) -> Json:
    await api.scope(principal, project)
    return {"status": "no_data"}


@router.get("/architecture/reviews/{task}", summary="The last review of a task's code: none is kept")
async def show_review(api: The, principal: Who, task: str) -> Json:
    await api.get(principal, task)
    return {"status": "no_review"}


def _no_session(name: str) -> NotFound:
    return NotFound("session_not_found", f"there is no session named {name!r}", "this hub runs no sessions yet")
