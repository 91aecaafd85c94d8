"""Projects: a default one, typed settings, names and ids."""

import asyncio
from typing import Any

import pytest

from corral_hub.db.database import Database
from corral_hub.projects.actions import Projects
from corral_protocol.vocabulary import LostHostPolicy
from tests.hub.api import ADMIN, VIEWER, Api, refused


async def test_the_default_is_always_there(database: Database) -> None:
    made = await asyncio.gather(*(Projects(database).default() for _ in range(8)))
    assert len({project.id for project in made}) == 1


async def test_create_list_show(api: Api) -> None:
    await api.people()
    settings = {"require_plan_approval": True, "lost_host": "needs_human", "retry": {"max_attempts": 3}}
    made = (await api.post("/projects", who=ADMIN, json={"name": "alpha", "settings": settings})).json()
    assert made["settings"]["retry"]["max_attempts"] == 3
    for key in ("alpha", made["id"], made["id"][:8]):
        assert (await api.get(f"/projects/{key}", who=VIEWER)).json() == made
    listed = (await api.get("/projects", who=VIEWER)).json()["projects"]
    assert [project["name"] for project in listed] == ["default", "alpha"]


async def test_changed_settings_hold_at_once_and_the_others_stay(api: Api, projects: Projects) -> None:
    await api.people()
    default = await projects.default()
    assert (await projects.get(default.id)).settings.lost_host is LostHostPolicy.RETRY
    await api.patch("/projects/default", who=ADMIN, json={"settings": {"require_plan_approval": True}})
    await api.patch("/projects/default", who=ADMIN, json={"settings": {"lost_host": "needs_human"}})
    after = (await projects.get(default.id)).settings
    assert (after.require_plan_approval, after.lost_host) == (True, LostHostPolicy.NEEDS_HUMAN)


async def test_settings_survive_a_restart(api: Api, database: Database) -> None:
    await api.people()
    await api.patch(
        "/projects/default", who=ADMIN, json={"settings": {"retry": {"max_attempts": 7, "on": ["timeout"]}}}
    )
    retry = (await Projects(database).get("default")).settings.retry
    assert (retry.max_attempts, retry.on) == (7, ("timeout",))


async def test_who_may_what(api: Api) -> None:
    await api.people()
    refused(await api.get("/projects"), 401, "login_required")
    refused(await api.post("/projects", who=VIEWER, json={"name": "x"}), 403, "role_required")
    refused(await api.patch("/projects/default", who=VIEWER, json={"name": "x"}), 403, "role_required")
    refused(await api.post("/projects", who=ADMIN, json={"name": "default"}), 409, "name_taken")


@pytest.mark.parametrize(
    "key",
    [
        "0f1d2c3b-4a59-4687-9a0b-1c2d3e4f5a6b",
        "nowhere",
        "abcdef01",
        "a%00b",
        "x" * 300,
        "%F0%9F%90%8E",
    ],
)
async def test_unknown_projects(api: Api, key: str) -> None:
    await api.people()
    refused(await api.get(f"/projects/{key}", who=ADMIN), 404, "project_not_found")


@pytest.mark.parametrize(
    "given",
    [
        {"colour": "red"},
        {"require_plan_approval": "yes"},
        {"lost_host": "panic"},
        {"retry": {"max_attempts": 0}},
        {"retry": {"max_attempts": 2**70}},
        {"retry": {"backoff": -1}},
        {"retry": {"on": ["bad luck"]}},
        {"retry": [1]},
        [],
    ],
)
async def test_bad_settings(api: Api, given: Any) -> None:
    await api.people()
    answer = await api.post("/projects", who=ADMIN, json={"name": "new", "settings": given})
    assert answer.status_code == 422 and answer.json()["code"] in ("invalid_settings", "invalid_request"), answer.text
    answer = await api.patch("/projects/default", who=ADMIN, json={"settings": given})
    assert answer.status_code == 422, answer.text
