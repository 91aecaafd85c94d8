"""The session API, mounted twice: `/sessions` for people, `/server/sessions` for agents; the same answers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from corral_hub.answers import answers
from corral_hub.servers.guard import AMachine, Who
from corral_hub.sessions import bodies
from corral_hub.sessions import views as v
from corral_hub.sessions.actions import Sessions
from corral_protocol.vocabulary import SessionStatus

After = Annotated[int, Query(ge=0, le=2**63 - 1)]
Page = Annotated[int, Query(ge=1, le=500)]
Lines = Annotated[int, Query(ge=1, le=10_000)]


async def sessions_of(request: Request) -> Sessions:
    return request.app.state.sessions


The = Annotated[Sessions, Depends(sessions_of)]

router = APIRouter(prefix="/sessions", tags=["sessions"])
older = APIRouter(prefix="/server/sessions", tags=["older agents"])


@router.get("", summary="List sessions, newest first", **answers(v.SessionPage))
async def list_sessions(
    api: The, principal: Who, status: SessionStatus | None = None, project_id: str | None = None,
    server: str | None = None, limit: Page = 50, cursor: str | None = None,
) -> v.SessionPage:  # fmt: skip
    return await api.listing(principal, project_id, server, status, limit, cursor)


@router.post("", summary="Start a session", **answers(v.SessionView, 201))
async def start_session(api: The, principal: Who, body: bodies.StartBody) -> v.SessionView:
    return await api.start(principal, body)


@router.get("/{session}", summary="One session, by id, prefix or name", **answers(v.SessionView))
async def show_session(api: The, principal: Who, session: str) -> v.SessionView:
    return await api.show(principal, session)


@router.get(
    "/{session}/screen",
    summary="What is on the screen now, or the last lines of output, as text",
    **answers(v.ScreenView),
)
async def show_screen(api: The, principal: Who, session: str, lines: Lines | None = None) -> v.ScreenView:
    return await api.screen(principal, session, lines)


@router.get("/{session}/activity", summary="Every change, with who did it", **answers(v.SessionEvents))
async def read_session_activity(
    api: The, principal: Who, session: str, after: After = 0, limit: Page = 500
) -> v.SessionEvents:
    found, _ = await api.get(principal, session)
    rows = await api.parts.queries.activity(found.id, after, limit)
    return {"events": [v.event(row) for row in rows], "next": rows[-1]["id"] if rows else after}


@router.get("/{session}/inputs", summary="Who typed when, and how much", **answers(v.TypedInputs))
async def read_inputs(api: The, principal: Who, session: str, after: After = 0, limit: Page = 500) -> v.TypedInputs:
    found, _ = await api.get(principal, session)
    rows = await api.parts.queries.inputs(found.id, after, limit)
    return {"inputs": [v.typed(row) for row in rows], "next": rows[-1]["id"] if rows else after}


@router.post("/{session}/input", summary="Type into it", **answers(v.HasTyped))
async def type_into(api: The, principal: Who, session: str, body: bodies.InputBody) -> v.HasTyped:
    return await api.type(principal, session, body)


@router.post("/{session}/resize", summary="Change the size of its window", **answers(v.SessionView))
async def resize_session(api: The, principal: Who, session: str, body: bodies.ResizeBody) -> v.SessionView:
    return await api.resize(principal, session, body)


@router.post(
    "/{session}/close", summary="Ask its processes to end; after a grace they are ended", **answers(v.SessionView)
)
async def close_session(api: The, principal: Who, session: str, body: bodies.CloseBody | None = None) -> v.SessionView:
    return await api.close(principal, session, body or bodies.CloseBody())


@router.post("/{session}/kill", summary="End its whole process tree now", **answers(v.SessionView))
async def kill_session(api: The, principal: Who, session: str) -> v.SessionView:
    return await api.kill(principal, session)


@router.delete("/{session}", summary="Forget a session that has ended", **answers(v.SessionView))
async def delete_session(api: The, principal: Who, session: str) -> v.SessionView:
    return await api.remove(principal, session)


@older.patch("/{session}/mcp-status", summary="How a session's MCP file was written")
async def mcp_status(api: The, machine: AMachine, session: str) -> dict[str, bool]:
    await api.get(machine, session)
    return {"ok": True}
