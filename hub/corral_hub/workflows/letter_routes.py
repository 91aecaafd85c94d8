"""The API of dead letters."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from corral_hub.answers import answers
from corral_hub.servers.guard import Who
from corral_hub.workflows import bodies
from corral_hub.workflows import shapes as s
from corral_hub.workflows.letters import Letters

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Workflow = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


async def letters_of(request: Request) -> Letters:
    return request.app.state.letters


The = Annotated[Letters, Depends(letters_of)]
router = APIRouter(prefix="/dead-letters", tags=["workflows"])


@router.get("", summary="What has failed for good and nobody has seen to", **answers(s.LetterPage))
async def list_letters(
    api: The, principal: Who, workflow: Workflow = None, node_type: bodies.Filter = None,
    after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0, limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> s.LetterPage:  # fmt: skip
    found = await api.listing(principal, workflow, node_type, after, limit)
    return {"dead_letters": found, "next": found[-1]["id"] if found else after}


@router.get(
    "/stats", summary="How many there are, by workflow, node type and class of error", **answers(s.LetterCounts)
)
async def count_letters(api: The, principal: Who) -> s.LetterCounts:
    return await api.stats(principal)


@router.post("/purge", summary="Remove all that fit", **answers(s.Purged))
async def purge_letters(api: The, principal: Who, body: bodies.PurgeBody) -> s.Purged:
    return {"removed": await api.purge(principal, body.workflow, body.node_type, body.older_than_hours)}


@router.get("/{letter}", summary="One dead letter, with the input that the node had", **answers(s.LetterWhole))
async def show_letter(api: The, principal: Who, letter: Id) -> s.LetterWhole:
    return await api.show(principal, letter)


@router.post("/{letter}/replay", summary="Try it again; asking twice tries once", **answers(s.RunWhole, 201))
async def replay_letter(api: The, principal: Who, letter: Id) -> s.RunWhole:
    return await api.replay(principal, letter)


@router.delete("/{letter}", status_code=204, summary="Take it away unseen to")
async def remove_letter(api: The, principal: Who, letter: Id) -> None:
    await api.remove(principal, letter)
