"""The inbox over the API: each kind of thing that needs a person, and that what is offered deals with it."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter

from corral_hub.inbox.items import Inbox
from tests.api.test_bad_input import problem
from tests.hub_process import HubProcess

WORDS = {"feedback": "shorter", "response": "the blue one"}


class Desk:
    """A project with a machine whose agents get into every kind of trouble."""

    def __init__(self, hub: HubProcess) -> None:
        self.hub, self.project = hub, hub.project()
        self.machine, self.name = hub.machine(self.project)

    def trouble(self, word: str, body: Mapping[str, Any], **fields: Any) -> str:
        task = self.hub.task(project_id=self.project, title=f"Task of {word}", run={"kind": "manual"}, **fields)
        path = f"/server/tasks/{task['id']}"
        self.hub.post(f"{path}/assign", self.machine, {"server": self.name, "require_plan": word == "plan"})
        if word != "plan":
            self.hub.post(f"{path}/start", self.machine)
        self.hub.post(f"{path}/{word}", self.machine, body)
        return str(task["id"])

    def look(self, who: Mapping[str, str] | None = None, **params: Any) -> Any:
        asked = self.hub.ask("GET", "/inbox", who or self.hub.admin, params={"project_id": self.project, **params})
        TypeAdapter(Inbox).validate_python(found := self.hub._body(asked))
        return found

    def act(self, item: Mapping[str, Any], name: str) -> None:
        action = next(action for action in item["actions"] if action["name"] == name)
        body = {**action.get("body", {}), **{field: WORDS[field] for field in action["needs"]}}
        sent = {"json": body} if body else {}
        answer = self.hub.client.request(action["method"], action["path"], headers=dict(self.hub.admin), **sent)
        assert answer.is_success, answer.text


@pytest.fixture
def desk(hub: HubProcess) -> Desk:
    """Of a hub of its own: what other tests leave undone would need somebody, too."""
    return Desk(hub)


TROUBLES: Mapping[str, tuple[str, Mapping[str, Any], str, str]] = {
    "plan_review": ("plan", {"plan": "1. paint"}, "approve", "awaiting_plan_approval"),
    "review": ("review", {"result": "done?"}, "approve", "awaiting_review"),
    "intervention": ("help", {"question": "Which blue?"}, "respond", "help"),
    "failed": ("fail", {"error": "no paint"}, "acknowledge", "failed"),
}


@pytest.mark.parametrize("kind", TROUBLES)
def test_what_is_offered_deals_with_it(desk: Desk, kind: str) -> None:
    word, body, action, code = TROUBLES[kind]
    id = desk.trouble(word, body)
    found = desk.look()
    (item,) = found["items"]
    assert (item["kind"], item["task_id"], item["title"]) == (kind, id, f"Task of {word}")
    assert item["why"]["code"] == code and item["why"]["detail"] and item["since"]
    assert (found["counts"][kind], found["total"]) == (1, 1)
    assert desk.look(desk.hub.viewer())["items"][0]["actions"] == [], "viewers may look"
    desk.act(item, action)
    assert desk.look()["items"] == []


def test_what_was_sent_back_comes_again(desk: Desk) -> None:
    id = desk.trouble("review", {"result": "done?"})
    first = desk.look()["items"][0]
    desk.act(first, "revise")
    assert desk.look()["total"] == 0
    desk.hub.post(f"/server/tasks/{id}/review", desk.machine, {"result": "now?"})
    second = desk.look()["items"][0]
    assert second["key"] == first["key"] and second["since"] > first["since"]


def test_a_failure_that_was_seen_counts_again_when_it_is_a_new_one(desk: Desk) -> None:
    id = desk.trouble("fail", {"error": "no paint"})
    desk.act(desk.look()["items"][0], "acknowledge")
    assert desk.look()["total"] == 0
    desk.hub.post(f"/tasks/{id}/retry", desk.hub.admin)
    desk.hub.post(f"/server/tasks/{id}/assign", desk.machine, {"server": desk.name})
    desk.hub.post(f"/server/tasks/{id}/start", desk.machine)
    desk.hub.post(f"/server/tasks/{id}/fail", desk.machine, {"error": "no brush"})
    assert desk.look()["items"][0]["why"]["detail"] == "no brush"
    events = desk.hub.get(f"/tasks/{id}/activity", desk.hub.admin)["events"]
    assert [event["actor"] for event in events if event["event_type"] == "task_acknowledged"] == [
        "user:admin@example.org"
    ]


def test_pages(desk: Desk) -> None:
    ids = [desk.trouble("fail", {"error": str(n)}) for n in range(3)] + [desk.trouble("help", {"question": "?"})]
    seen, cursor = [], None
    for _ in range(3):
        page = desk.look(limit=2, **({"cursor": cursor} if cursor else {}))
        assert page["total"] == 4
        seen += [item["task_id"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == ids[::-1]


def test_who_may_ask_what(desk: Desk) -> None:
    hub, id = desk.hub, desk.hub.task(project_id=desk.project)["id"]
    problem(hub.ask("GET", "/inbox", desk.machine), 401)
    problem(hub.ask("POST", "/inbox/acknowledge", hub.viewer(), json={"task_ids": [id]}), 403)
    assert hub.post("/inbox/acknowledge", hub.admin, {"task_ids": [id]}) == {"task_ids": []}, "it has not failed"
    for params in ({"cursor": "x"}, {"cursor": "x~y"}, {"limit": 0}):
        problem(hub.ask("GET", "/inbox", hub.admin, params=params), 422)
