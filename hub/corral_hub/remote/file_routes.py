"""Files on machines: `/servers/{server}/files…` by root, `/sessions/{session}/files…` in a session's directory.

The path is a parameter, not a part of the address: what stands on the way may take `..`, `//` and `%2F` apart there.
"""

from contextlib import AsyncExitStack
from email.utils import formatdate
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import AfterValidator
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from corral_hub.answers import answers
from corral_hub.errors import Refused
from corral_hub.remote import headers, views
from corral_hub.remote.files import Download, Files
from corral_hub.remote.model import Place
from corral_hub.remote.routes import Left, The
from corral_hub.servers.guard import Who
from corral_hub.text import check_text

log = structlog.get_logger()
Text = AfterValidator(check_text)
Path = Annotated[str, Query(max_length=4096), Text]
Sha256 = Annotated[str | None, Query(pattern="^[0-9a-fA-F]{64}$")]
After = Annotated[str | None, Query(max_length=1024), Text]
Limit = Annotated[int, Query(ge=1, le=5000)]


async def place_of(api: The, principal: Who, request: Request) -> Place:
    """Return the machine or the session that the address names."""
    found = request.path_params
    if "server" in found:
        return await api.on_server(principal, found["server"])
    return await api.in_session(principal, found["session"])


async def files_of(api: The) -> Files:
    return api.files


There = Annotated[Place, Depends(place_of)]
TheFiles = Annotated[Files, Depends(files_of)]
router = APIRouter(tags=["commands and files"])


async def list_files(
    files: TheFiles, place: There, path: Path = "", after: After = None, limit: Limit = 500
) -> views.Folder:
    """By name, links as links. `next` is what to give as `after`."""
    return await files.listing(place, path, after, limit)


async def show_file(
    files: TheFiles, place: There, path: Path, digest: bool = False, partial: Sha256 = None
) -> views.FileState:
    """`digest`: with its SHA-256. `partial`: how much is there already of a file with that SHA-256."""
    found = await files.status(place, path, digest, None if partial is None else partial.lower())
    return views.status(found, path)


async def read_file(files: TheFiles, principal: Who, place: There, request: Request, path: Path) -> Response:
    """`Range` reads a part, `If-Match` only this version. Refused with 409 when it is another one."""
    part = headers.range_of(request.headers.get("range"))
    offset, length = part or (0, None)
    if_version = headers.version_of(request.headers.get("if-match"))
    async with AsyncExitStack() as stack:
        download = await stack.enter_async_context(files.reading(principal, place, path, offset, length, if_version))
        return _Sent(download, part is not None, stack.pop_all())


async def write_file(
    files: TheFiles, principal: Who, place: There, request: Request, path: Path, executable: bool | None = None
) -> Response:
    """Put the body in the place of the file, whole or not at all. `If-Match`: only in the place of this version.

    With `Repr-Digest` it is checked, and an upload that was interrupted goes on with `Content-Range`.
    """
    wanted = headers.upload(request.headers)
    try:
        done = await files.write(principal, place, path, wanted, executable, request.stream())
    except ClientDisconnect as error:
        raise Left("client_left", "the body broke off", "send it again: with Repr-Digest it goes on") from error
    told = {} if done.entry is None or done.entry.version is None else {"ETag": headers.tag(done.entry.version)}
    return JSONResponse(views.written(done, path), headers=told)


async def remove_file(files: TheFiles, principal: Who, place: There, request: Request, path: Path) -> views.RemovedFile:
    """A file, a link itself, or a folder that is empty. `If-Match`: only this version."""
    await files.remove(principal, place, path, headers.version_of(request.headers.get("if-match")))
    return {"removed": path}


_BINARY: dict[str, Any] = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
_BYTES: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: _BINARY, 206: {"description": "A part of it", **_BINARY}},
}
_ROUTES = (
    ("GET", "/files", list_files, "What is in a folder", answers(views.Folder)),
    (
        "GET", "/files/status", show_file, "What is known of a file, and of one that is on its way",
        answers(views.FileState),
    ),
    ("GET", "/files/content", read_file, "The bytes of a file", _BYTES),
    ("PUT", "/files/content", write_file, "Write a file", answers(views.Written)),
    ("DELETE", "/files/content", remove_file, "Remove a file", answers(views.RemovedFile)),
)  # fmt: skip
_BODY = {"requestBody": _BINARY}


def _mount(noun: str) -> None:
    """The same routes below a machine and below a session; `place_of` looks which."""
    named = {"name": noun, "in": "path", "required": True, "schema": {"type": "string"}}
    for method, path, endpoint, summary, answered in _ROUTES:
        described = {"parameters": [named], **(_BODY if method == "PUT" else {})}
        router.add_api_route(
            f"/{noun}s/{{{noun}}}{path}", endpoint, methods=[method], summary=summary, openapi_extra=described,
            name=f"{endpoint.__name__}_of_{noun}", **answered,
        )  # fmt: skip


_mount("server")
_mount("session")


class _Sent(StreamingResponse):
    """The machine is asked for no more once nobody reads, or everything was sent."""

    def __init__(self, download: Download, partial: bool, stack: AsyncExitStack) -> None:
        super().__init__(download.pieces(), 206 if partial else 200, _told(download, partial))
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._stack:
            try:
                await super().__call__(scope, receive, send)
            except Refused as error:  # too late for a status: the body stays short, which every client notices
                log.warning("download_broken", code=error.code, detail=error.detail)


def _told(download: Download, partial: bool) -> dict[str, str]:
    opened = download.opened
    told = {
        "Content-Length": str(opened.length),
        "Content-Type": "application/octet-stream",
        "Content-Disposition": "attachment",  # it is the machine's, not ours: no browser shall show it as a page
        "Accept-Ranges": "bytes",
        "X-Executable": "true" if opened.entry.executable else "false",
        "Last-Modified": formatdate(max(0.0, opened.entry.modified), usegmt=True),
    }
    if opened.entry.version is not None:
        told["ETag"] = headers.tag(opened.entry.version)
    if partial:
        told["Content-Range"] = f"bytes {opened.offset}-{opened.offset + opened.length - 1}/{opened.entry.size}"
    return told
