"""The document that programs are generated from: every answer has a shape, every operation a short name of its own."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.hub_document import document, references


def operations() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_operations_have_short_names_of_their_own() -> None:
    names = Counter(operation["operationId"] for _, operation in operations())
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+){0,5}", name)] == []


def test_the_same_routes_for_agents_are_named_alike() -> None:
    named = {label: operation["operationId"] for label, operation in operations()}
    agents = {label: name for label, name in named.items() if " /api/v1/server/" in label}
    assert all(name.startswith("agent_") for name in agents.values())
    for label, name in agents.items():
        for_people = named.get(label.replace("/api/v1/server/", "/api/v1/"), name)
        assert name.removeprefix("agent_") == for_people.removeprefix("agent_")


def test_every_failure_is_a_problem() -> None:
    for label, operation in operations():
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, label
        assert "422" not in operation["responses"], label


def test_every_reference_leads_somewhere() -> None:
    there = document()["components"]
    assert set(references(document())) <= set(there["schemas"]) | set(there["responses"])
    assert all(re.fullmatch(r"[A-Za-z]+", name) for name in there["schemas"]), "a name is given twice"


OTHERS = {"older agents", "health"}
"""Routes that nobody generates a client from."""


def test_every_answer_has_a_named_shape() -> None:
    shapeless = [
        f"{label} {status}"
        for label, operation in operations()
        for status, answer in operation["responses"].items()
        for kind, content in answer.get("content", {}).items()
        if kind == "application/json"
        and not list(references(content["schema"]))
        and not OTHERS & set(operation["tags"])
    ]
    assert shapeless == ["GET /api/v1/workflows/schema 200", "GET /api/v1/server/workflows/schema 200"]
