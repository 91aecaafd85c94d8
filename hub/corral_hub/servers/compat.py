"""Routes that older agents poll. Corral has nothing for them there yet, and says so cheaply."""

from typing import Any

from fastapi import APIRouter
from typing_extensions import TypedDict

from corral_hub.answers import answers
from corral_hub.servers.guard import AMachine


class Ok(TypedDict):
    ok: bool


router = APIRouter(prefix="/server", tags=["older agents"])


@router.get("/files/pending", summary="Files to fetch: none")
async def pending_files(_: AMachine) -> list[Any]:
    return []


@router.get("/files/pulls/pending", summary="Files to hand over: none")
async def pending_pulls(_: AMachine) -> list[Any]:
    return []


@router.get("/access-grants", summary="SSH grants: none")
async def access_grants(_: AMachine) -> list[Any]:
    return []


@router.get("/approval-rules", summary="Approval rules: none")
async def approval_rules(_: AMachine) -> list[Any]:
    return []


@router.post("/permissions/log", summary="Permission decisions of an agent's hook", **answers(Ok, 201))
async def permissions_log(_: AMachine) -> Ok:
    return {"ok": True}
