"""What the published CLI can ask for and Corral has not: an answer of the shape it expects, or a clear no.

Single commands and files are not sent to sessions yet. Scans of code are not kept.
"""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from corral_hub.bodies import Body
from corral_hub.errors import NotFound
from corral_hub.servers.guard import Who
from corral_hub.tasks.bodies import Short
from corral_hub.tasks.routes import The

Json = dict[str, Any]
Named = Annotated[Short, Field(min_length=1)]
router = APIRouter(tags=["older agents"])


class ExecBody(Body):
    session_name: Named


class TransferBody(Body):
    target_session: Named


@router.post("/remote/exec", summary="Run a single command beside a session: not served yet")
async def execute(body: ExecBody) -> Json:
    raise _not_served("run single commands beside", body.session_name, "type it there: corral session send")


@router.post("/remote/file-transfer", summary="Send a file to a session: not served yet")
async def send_file(body: TransferBody) -> Json:
    raise _not_served("send files to", body.target_session, "send it another way")


@router.get("/remote/file-transfer/{transfer}", summary="How a file transfer goes: not served yet")
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


def _not_served(what: str, session: str, hint: str) -> NotFound:
    return NotFound("not_served", f"this hub does not {what} sessions yet, nor {session!r}", hint)
