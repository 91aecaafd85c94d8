"""What a route says it answers stands in the document, and costs nothing when it answers."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import httpx
from fastapi import FastAPI
from typing_extensions import TypedDict

from corral_hub import document
from corral_hub.answers import Id, WordOf, answers, one_of
from corral_hub.tasks import views
from corral_hub.tasks.explain import waiting
from corral_hub.tasks.model import Edge, Intervention, Why
from corral_hub.tasks.moves import wanted
from corral_protocol.vocabulary import DependencyType, InterventionType, Reason
from tests.hub.samples import NOW, new_id, new_task, server

PLAIN = (str, int, float, bool, type(None))


class Gait(StrEnum):
    WALK = "walk"
    TROT = "trot"


class Horse(TypedDict):
    id: Id
    gait: Annotated[str, WordOf(Gait)]
    colour: Annotated[str, one_of("bay", "grey")]


def stable() -> FastAPI:
    app = FastAPI(generate_unique_id_function=document.operation_id)
    document.install(app)

    @app.post("/horses", **answers(Horse, 201, 200))
    async def add_horse() -> Any:
        return {"id": 7, "wings": [None]}

    @app.get("/api/v1/server/horses", **answers(list[Horse]))
    async def list_horses() -> Any:
        return []

    return app


async def test_an_answer_is_sent_as_it_is() -> None:
    """Tests look for what is wrong with answers; whoever asks shall not wait for that."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(stable()), base_url="http://hub") as client:
        answer = await client.post("/horses")
    assert (answer.status_code, answer.json()) == (201, {"id": 7, "wings": [None]})


def test_the_document_names_shapes_words_and_problems() -> None:
    found = stable().openapi()
    added = found["paths"]["/horses"]["post"]
    horse = {"$ref": "#/components/schemas/Horse"}
    assert added["operationId"] == "add_horse"
    assert {status: answer["content"]["application/json"]["schema"] for status, answer in added["responses"].items()
            if status != "default"} == {"201": horse, "200": horse}  # fmt: skip
    shapes = found["components"]["schemas"]
    assert shapes["Horse"]["properties"]["gait"] == {"$ref": "#/components/schemas/Gait"}
    assert shapes["Gait"]["enum"] == ["walk", "trot"]
    assert shapes["Horse"]["properties"]["colour"]["enum"] == ["bay", "grey"]
    assert set(shapes["Problem"]["required"]) == {"type", "title", "status", "detail", "code", "hint"}
    listed = found["paths"]["/api/v1/server/horses"]["get"]
    assert listed["operationId"] == "agent_list_horses"
    assert listed["responses"]["200"]["content"]["application/json"]["schema"]["items"] == horse


def test_the_document_is_finished_once() -> None:
    app = stable()
    assert app.openapi() is app.openapi()


def test_what_is_answered_about_tasks_is_plain() -> None:
    """An enum's members become the same JSON, at several times the cost."""
    upstream = new_task()
    task = new_task().but(reason=Why(code=Reason.MANUAL, detail="by hand", since=NOW))
    edge = Edge(id=new_id(), task_id=task.id, upstream=upstream.id, kind=DependencyType.BLOCKS)
    asked = Intervention(
        id=new_id(), task_id=task.id, kind=InterventionType.HELP, question="Which?", created_at=NOW
    )  # fmt: skip
    whole = views.verbose(task, "anvil", [(edge, upstream)], [], [asked], [])
    told = waiting(task, [(edge, upstream)], [server()], wanted(task))
    assert [value for value in parts([whole, told]) if type(value) not in PLAIN] == []


def parts(value: Any) -> Iterator[Any]:
    if type(value) in (dict, list):
        for part in value.values() if type(value) is dict else value:
            yield from parts(part)
    else:
        yield value
