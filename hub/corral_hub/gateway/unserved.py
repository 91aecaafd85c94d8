"""What the published CLI can ask for beside tasks: an answer of the shape it expects, or a clear no.

Single commands run beside sessions of our daemons; those of other makes are not asked. Files are not sent for it: it
names them by a path anywhere on the sender's machine. Scans of code are not kept.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from corral_hub.bodies import Body
from corral_hub.errors import NotFound
from corral_hub.remote.collecting import Collected
from corral_hub.remote.model import Order
from corral_hub.remote.routes import The as TheRemote
from corral_hub.remote.routes import while_listening
from corral_hub.servers.guard import Who
from corral_hub.tasks.bodies import Short
from corral_hub.tasks.routes import The
from corral_hub.text import Text

Json = dict[str, Any]
Named = Annotated[Short, Field(min_length=1)]
router = APIRouter(tags=["older agents"])


class ShellBody(Body):
    session_name: Named
    command: Annotated[Text, Field(min_length=1, max_length=131_072)]
    timeout: Annotated[float, Field(gt=0, le=3600)] = 30.0


class TransferBody(Body):
    target_session: Named


@router.post("/remote/exec", summary="Run a single command, by a shell, in the directory of a session")
async def execute(api: TheRemote, principal: Who, request: Request, body: ShellBody) -> Json:
    place = await api.in_session(principal, body.session_name)
    order = Order(argv=("sh", "-c", body.command), timeout=body.timeout)
    collected = await while_listening(request, api.run(principal, place, order))
    return {name: collected.view()[name] for name in ("stdout", "stderr")} | {"exit_code": _exit_code(collected)}


@router.post("/remote/file-transfer", summary="Send a file to a session: not served")
async def send_file(body: TransferBody) -> Json:
    raise NotFound(
        "not_served",
        f"this hub takes no files from anywhere on a machine, and sends none to {body.target_session!r} that way",
        "say there: corral file push FILE @SESSION:NAME",
    )


@router.get("/remote/file-transfer/{transfer}", summary="How a file transfer goes: not served")
async def show_transfer(transfer: str) -> Json:
    raise NotFound("transfer_not_found", f"there is no file transfer {transfer}", "use corral file push instead")


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


def _exit_code(collected: Collected) -> int:
    """As those agents say it: -1 where it did not come to its end."""
    ended = collected.ending
    if ended is None or ended.timed_out or ended.lost:
        return -1
    return 128 + ended.signal if ended.signal is not None else (-1 if ended.exit_code is None else ended.exit_code)
