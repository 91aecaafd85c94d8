"""The recordings API, mounted twice like that of sessions: for people and for agents."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from corral_hub.answers import answers
from corral_hub.recordings import views
from corral_hub.recordings.actions import Recordings
from corral_hub.recordings.bodies import RecordBody
from corral_hub.servers.guard import Who

CAST = "application/x-asciicast"
Number = Annotated[int, Query(ge=-1, le=2**31 - 1)]
Page = Annotated[int, Query(ge=1, le=1000)]
Begin = Annotated[float, Query(alias="from", ge=0, le=1e9, allow_inf_nan=False)]


async def recordings_of(request: Request) -> Recordings:
    return request.app.state.recordings


The = Annotated[Recordings, Depends(recordings_of)]

router = APIRouter(prefix="/sessions", tags=["recordings"])


@router.get("/{session}/recording", summary="What there is of a session's recording", **answers(views.RecordingView))
async def show_recording(api: The, principal: Who, session: str) -> views.RecordingView:
    return await api.show(principal, session)


@router.put("/{session}/recording", summary="Record it from now on, or no longer", **answers(views.RecordingView))
async def switch_recording(api: The, principal: Who, session: str, body: RecordBody) -> views.RecordingView:
    return await api.switch(principal, session, body.on)


@router.delete("/{session}/recording", summary="Delete what is recorded so far", **answers(views.RecordingView))
async def delete_recording(api: The, principal: Who, session: str) -> views.RecordingView:
    return await api.remove(principal, session)


@router.get(
    "/{session}/recording/segments", summary="The pieces it is kept in, with their times", **answers(views.Segments)
)
async def list_segments(
    api: The, principal: Who, session: str, after: Number = -1, limit: Page = 500
) -> views.Segments:
    return await api.index(principal, session, after, limit)


@router.get(
    "/{session}/recording.cast",
    summary="The recording as asciicast v2, from a second of it on",
    response_class=StreamingResponse,
    responses={200: {"content": {CAST: {"schema": {"type": "string"}}}}},
)
async def read_recording(api: The, principal: Who, session: str, begin: Begin = 0.0) -> StreamingResponse:
    return StreamingResponse(await api.cast(principal, session, begin), media_type=CAST)
