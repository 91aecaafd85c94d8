"""The secret of a webhook goes in and never comes out: not to viewers, not to admins, not in the database's rows."""

import secrets as chance
from typing import Any

import asyncpg

from tests.api.test_bad_input import problem
from tests.conftest import apart
from tests.hub_process import HubProcess

Json = dict[str, Any]


def graph(**parameters: Any) -> Json:
    hook = {"id": "hook", "type": "webhookTrigger", "parameters": {"path": "p", "authentication": "hmac", **parameters}}
    return {"nodes": [hook], "edges": []}


def made(hub: HubProcess, **parameters: Any) -> Json:
    return hub.post("/workflows", hub.admin, {"name": chance.token_hex(4), "definition": graph(**parameters)})


def changed(hub: HubProcess, id: int, definition: Json) -> Json:
    return hub._body(hub.ask("PATCH", f"/workflows/{id}", hub.admin, json={"definition": definition}))


def reference(workflow: Json) -> str:
    return str(workflow["definition"]["nodes"][0]["parameters"]["secret"])


async def everything(url: str) -> str:
    """All rows of all tables, as text."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
        rows = [await connection.fetch(f'select t::text from "{row["tablename"]}" t') for row in tables]
        return "\n".join(row["t"] for found in rows for row in found)
    finally:
        await connection.close()


def test_it_is_shown_to_nobody(hub: HubProcess) -> None:
    secret = chance.token_hex(20)
    workflow = made(hub, secret=secret, headerValue=f"{secret}2")
    path = f"/workflows/{workflow['id']}"
    answers = [hub.ask("GET", path, who) for who in (hub.admin, hub.viewer())]
    answers += [hub.ask("GET", f"/server{path}", hub.machine()[0])]
    answers += [hub.ask("GET", way, hub.viewer()) for way in ("/workflows", f"{path}/versions", f"{path}/next-runs")]
    answers += [hub.ask("GET", "/audit", hub.admin), hub.ask("POST", f"{path}/publish", hub.admin, json={})]
    assert [answer.status_code for answer in answers[:4]] == [200] * 4
    told = "".join(answer.text for answer in answers)
    rows = apart(lambda: everything(hub.database_url))
    assert secret not in told + str(workflow) + rows + hub.log and secret.encode().hex() not in rows
    assert reference(workflow) in told and reference(workflow) in rows


def test_the_same_secret_is_the_same_definition(shared_hub: HubProcess) -> None:
    first = made(shared_hub, secret="k3y")
    again = changed(shared_hub, first["id"], graph(secret="k3y"))
    back = changed(shared_hub, first["id"], again["definition"])
    assert first["definition"] == again["definition"] == back["definition"] and not unknown(back)
    other = changed(shared_hub, first["id"], graph(secret="other"))
    assert reference(other) != reference(first) and not unknown(other)
    gone = changed(shared_hub, first["id"], first["definition"])
    assert unknown(gone), "no version names it, and the draft did not any more"


def unknown(workflow: Json) -> list[Json]:
    return [found for found in workflow["problems"] if found["code"] == "unknown_secret"]


def test_it_goes_with_no_file(shared_hub: HubProcess) -> None:
    exported = made(shared_hub, secret="k3y")["definition"]
    imported = shared_hub.post("/workflows", shared_hub.admin, {"name": "copy", "definition": exported})
    (told,) = unknown(imported)
    assert told["path"] == "/nodes/0/parameters/secret" and not told["warning"]
    body = {"name": "copy", "definition": exported, "publish": True}
    problem(shared_hub.ask("POST", "/workflows", shared_hub.admin, json=body), 422, "invalid_workflow")


def test_a_secret_that_cannot_be(shared_hub: HubProcess) -> None:
    body = {"definition": graph(secret="two\nlines")}
    problem(shared_hub.ask("POST", "/workflows", shared_hub.admin, json=body), 422, "bad_secret")


def test_it_goes_with_its_workflow(hub: HubProcess) -> None:
    id = made(hub, secret="k3y")["id"]
    assert apart(lambda: kept(hub.database_url)) == 1
    hub.client.event_hooks = {}  # no answer is no document
    assert hub.ask("DELETE", f"/workflows/{id}", hub.admin).status_code == 204
    assert apart(lambda: kept(hub.database_url)) == 0


async def kept(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("select count(*) from workflow_secrets"))
    finally:
        await connection.close()
