"""The API of people's API keys: for scripts, and for whatever has nobody to log in."""

from fastapi import APIRouter
from typing_extensions import TypedDict

from corral_hub.accounts.bodies import KeyBody
from corral_hub.accounts.guard import AnAdmin, AnAdminByLogin, TheAccounts
from corral_hub.accounts.keys import PersonKey, pick
from corral_hub.accounts.model import Role
from corral_hub.answers import Id, Moment, answers
from corral_hub.text import stamp

router = APIRouter(prefix="/keys", tags=["accounts"])


class KeyView(TypedDict):
    """`prefix`: how the key begins. `used_on`: the day it was last used, UTC."""

    id: Id
    name: str
    owner: str
    prefix: str
    role: Role
    created_at: Moment
    expires_at: Moment | None
    used_on: str | None
    revoked_at: Moment | None


class NewKey(KeyView):
    """`key` is the key itself. It is shown this once, and kept as a hash."""

    key: str


class KeyList(TypedDict):
    keys: list[KeyView]


@router.post("", summary="Make an API key; it is shown this once", **answers(NewKey, 201))
async def create_key(accounts: TheAccounts, person: AnAdminByLogin, body: KeyBody) -> NewKey:
    key, text = await accounts.keys.create(person, body.name, body.role, body.expires_in)
    return {**key_view(key), "key": text}


@router.get("", summary="API keys, newest first, without what they are", **answers(KeyList))
async def list_keys(accounts: TheAccounts, _: AnAdmin) -> KeyList:
    return {"keys": [key_view(key) for key in await accounts.keys.all()]}


@router.delete("/{key}", summary="Revoke an API key, at once and for good", **answers(KeyView))
async def revoke_key(accounts: TheAccounts, _: AnAdmin, key: str) -> KeyView:
    found = pick(await accounts.keys.all(), key)
    return key_view(await accounts.keys.revoke(found))


def key_view(key: PersonKey) -> KeyView:
    return {
        "id": str(key.id), "name": key.name, "owner": key.email, "prefix": key.prefix, "role": key.role,
        "created_at": stamp(key.created_at), "expires_at": stamp(key.expires_at),
        "used_on": None if key.used_on is None else key.used_on.isoformat(), "revoked_at": stamp(key.revoked_at),
    }  # fmt: skip
