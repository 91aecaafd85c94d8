"""The OpenAPI document, and every answer of a hub held against it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

from corral_hub.app import create_app
from corral_hub.db.database import Database
from corral_hub.settings import Settings

Json = dict[str, Any]


@cache
def document() -> Mapping[str, Any]:
    """Return the OpenAPI document; the hub need not run for it."""
    settings = Settings(home=Path("nowhere"))
    return create_app(settings, Database("postgresql://nobody@127.0.0.1:1/none")).openapi()


def conforms(answer: httpx.Response) -> None:
    """Fail where an answer is not what the document says. For a client's `event_hooks`."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    path, method = _operation(answer.request)
    if not path or answer.request.method == "HEAD" or "json" not in kind:
        return
    answer.read()
    validator = _validator(method, path, answer.status_code, kind)
    wrong = [f"{error.instance_path}: {error.message}"[:300] for error in validator.iter_errors(answer.json())]
    asked = f"{answer.request.method} {path} answered {answer.status_code}"
    assert not wrong, "\n".join([f"{asked}, and not as the document says:", *wrong[:10]])


def _operation(request: httpx.Request) -> tuple[str, str]:
    """Return a request's path in the document and its method, the first that fits as in the hub; else empty texts."""
    method, asked = request.method.lower(), request.url.path
    found = (path for pattern, path, methods in _paths() if method in methods and pattern.fullmatch(asked))
    return next(found, ""), method


@cache
def _paths() -> list[tuple[re.Pattern[str], str, frozenset[str]]]:
    paths = document()["paths"].items()
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path, frozenset(found)) for path, found in paths]


@cache
def _validator(method: str, path: str, status: int, kind: str) -> jsonschema_rs.Validator:
    answers = document()["paths"][path][method]["responses"]
    answer = answers.get(str(status)) or answers["default"]
    if "$ref" in answer:
        answer = document()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    assert kind in answer["content"], f"{method.upper()} {path} answered {status} as {kind}"
    return jsonschema_rs.validator_for({**answer["content"][kind]["schema"], "components": _closed()})


@cache
def _closed() -> Json:
    """Return the shapes; here nothing may be in an answer that its shape does not name."""
    schemas = document()["components"]["schemas"]
    return {"schemas": {name: _close(name, schema) for name, schema in schemas.items()}}


def _close(name: str, schema: Json) -> Json:
    if name == "Problem" or "properties" not in schema:  # a problem says more where there is more to say
        return schema
    return {"additionalProperties": False, **schema}


def references(value: Any) -> Iterator[str]:
    """Return the names of the shapes that are referred to."""
    if isinstance(value, Mapping):
        yield from ([str(value["$ref"]).rpartition("/")[2]] if "$ref" in value else [])
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from references(part)
