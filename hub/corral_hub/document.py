"""The API's document: FastAPI's, with the problem that every route may answer, and operation ids that read well.

Programs are generated from it (the dashboard's types are), so names in it stay.
"""

from collections.abc import Iterator
from typing import Any, NotRequired

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from typing_extensions import TypedDict

AGENTS = "/api/v1/server/"
"""Where the same routes as for people are mounted for agents."""
_PROBLEM = "#/components/schemas/Problem"
_MADE_UP = frozenset({"HTTPValidationError", "ValidationError"})
"""Shapes that FastAPI names for each route, and that are never answered."""


class Wrong(TypedDict):
    """One thing that is wrong, and where: `pointer` is a JSON pointer into what was sent, `path` one into a definition.

    `key`: the contract it is about.
    """

    problem: str
    pointer: NotRequired[str]
    key: NotRequired[str]
    path: NotRequired[str]
    code: NotRequired[str]
    hint: NotRequired[str]
    warning: NotRequired[bool]


class Problem(TypedDict):
    """What every failure answers, as RFC 9457 has it. `code` is stable; `hint` says what to do next."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str
    problems: NotRequired[list[Wrong]]
    retry_after: NotRequired[float]
    incident: NotRequired[str]


def operation_id(route: APIRoute) -> str:
    """Return the id of a route: its function's name, for agents with `agent_` before it."""
    return f"agent_{route.name}" if route.path_format.startswith(AGENTS) else route.name


def install(app: FastAPI) -> None:
    """Let /openapi.json be FastAPI's document, finished."""
    write = app.openapi

    def finished() -> dict[str, Any]:
        return app.openapi_schema or finish(write())

    app.openapi = finished


def finish(document: dict[str, Any]) -> dict[str, Any]:
    """Return FastAPI's document with problems as what is answered to all that fails."""
    for operation in _operations(document):
        answers = operation["responses"]
        answers.pop("422", None)
        answers["default"] = {"$ref": "#/components/responses/Problem"}
        for schema in _schemas(answers):
            if "$ref" in schema:
                schema.pop("title", None)  # of the model that FastAPI itself works with
    components = document["components"]
    components["schemas"] = {
        **{name: schema for name, schema in components["schemas"].items() if name not in _MADE_UP},
        **_problem(),
    }
    components["responses"] = {"Problem": _answered()}
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _schemas(answers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for answer in answers.values():
        for content in answer.get("content", {}).values():
            yield content["schema"]


def _problem() -> dict[str, Any]:
    schema = TypeAdapter(Problem).json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def _answered() -> dict[str, Any]:
    return {
        "description": "It was refused, or it failed",
        "content": {"application/problem+json": {"schema": {"$ref": _PROBLEM}}},
    }
