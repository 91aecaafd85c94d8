"""A webhook call as what its trigger puts out: everything that was sent, but for what opens doors. Pure."""

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from corral_hub.text import check_json
from corral_hub.triggers.hooks import Asks, Hook
from corral_protocol.codec import Json

_SECRET: Final = re.compile(
    r"authorization|cookie|token|secret|signature|password|api-?key|credential|session|csrf|xsrf|x-hub|auth"
)
MOST_VALUES = 200


def read_payload(
    hook: Hook,
    method: str,
    headers: Iterable[tuple[str, str]],
    query: Iterable[tuple[str, str]],
    body: bytes,
) -> dict[str, Json]:
    """Return {method, path, headers, query, body, json}. A body that is no text comes in base64 as well."""
    own = {hook.header.lower()} if hook.asks is not Asks.NOTHING else set[str]()
    told = ((name.lower(), value) for name, value in headers)
    kept = ((name, value) for name, value in told if name not in own and not _SECRET.search(name))
    text, exact = _text(body)
    more: Mapping[str, Json] = {} if exact else {"body_base64": base64.b64encode(body).decode()}
    return {
        "method": method, "path": hook.path, "headers": _joined(kept), "query": _joined(query), "body": text,
        "json": _json(body), **more,
    }  # fmt: skip


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """Values of one name are joined by commas, as HTTP has it."""
    found: dict[str, Json] = {}
    for index, (name, value) in enumerate(pairs):
        if index == MOST_VALUES:
            break
        clean = storable(name)
        found[clean] = f"{found[clean]}, {storable(value)}" if clean in found else storable(value)
    return found


def storable(text: str) -> str:
    """Return the text without what PostgreSQL cannot hold."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def _text(body: bytes) -> tuple[str, bool]:
    text = body.decode("utf-8", "replace").replace("\x00", "\ufffd")
    return text, text.encode() == body


def _json(body: bytes) -> Json:
    """None for what is no JSON, and for JSON that cannot be stored."""
    try:
        return check_json(orjson.loads(body))
    except ValueError:
        return None
