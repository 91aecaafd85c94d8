"""Whatever goes wrong becomes an RFC 9457 problem: a status, a stable code, what happened and what to do next."""

import json
import math
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corral_hub import clock
from corral_hub.body_limit import BodyLimit
from corral_hub.db.database import GONE, is_away
from corral_hub.errors import Refused, Unavailable

log = structlog.get_logger()

LONGEST = 300
MOST = 50
CODES: Mapping[int, tuple[str, str]] = {
    400: ("invalid_body", "send a JSON object, UTF-8, with Content-Type: application/json"),
    404: ("route_not_found", "see /openapi.json for what there is"),
    405: ("method_not_allowed", "see /openapi.json for what there is"),
    413: ("body_too_large", "send less; CORRAL_BODY_LIMIT raises the limit"),
}


class Problem(Response):
    """A problem as a response. Whatever the request held, this can be encoded."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        # Lone surrogates, which JSON can escape and UTF-8 cannot hold, become question marks.
        return json.dumps(content, ensure_ascii=False, default=str).encode("utf-8", "replace")


class Shield:
    """The outermost middleware: an error nobody expected is logged under a number, and answered with the number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watching(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watching)
        except Exception:
            incident = str(clock.new_id())
            log.exception("internal_error", incident=incident, path=scope["path"])
            if started:
                raise
            await _internal(incident)(scope, receive, send)


def install(app: FastAPI, body_limit: int, narrow: Mapping[str, int] | None = None) -> None:
    """Make every error of `app` a problem, and refuse bodies larger than `body_limit` bytes, or `narrow`, by path."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    for kind in GONE:
        app.add_exception_handler(kind, _unavailable)
    app.add_middleware(BodyLimit, limit=body_limit, narrow=narrow or {})
    app.add_middleware(Shield)


def problem(error: Refused) -> Problem:
    headers = {}
    if "retry_after" in error.extras:
        headers["Retry-After"] = str(max(1, math.ceil(error.extras["retry_after"])))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status == 405:
        headers["Allow"] = str(error.extras.get("allow", ""))
    return Problem(error.problem(), status_code=error.status, headers=headers)


async def _refused(_: Request, error: Any) -> Response:
    return problem(error)


async def _invalid(_: Request, error: Any) -> Response:
    """The request does not have the declared shape: every problem with its place, none with its value."""
    found = error.errors()
    if found and found[0]["type"] == "json_invalid":
        what = found[0].get("ctx", {}).get("error", "")
        detail = f"the body is not JSON: {what} at character {found[0]['loc'][-1]}"
        return _plain(400, "invalid_json", detail, "check quotes, commas and braces")
    problems = [{"pointer": _pointer(item["loc"]), "problem": _said(item)[:LONGEST]} for item in found[:MOST]]
    first = f"{problems[0]['pointer'] or '/'}: {problems[0]['problem']}" if problems else "the request is not valid"
    return _plain(422, "invalid_request", first, "correct what `problems` names", problems=problems)


def _said(item: Mapping[str, Any]) -> str:
    """Return pydantic's words, but about a text's length: checked after its content it is called a value's items."""
    if item["type"] == "too_short" and isinstance(item["input"], str):
        least = item["ctx"]["min_length"]
        return "must not be empty" if least == 1 else f"must have at least {least} characters"
    if item["type"] == "too_long" and isinstance(item["input"], str):
        return f"must have at most {item['ctx']['max_length']} characters"
    return str(item["msg"]).removeprefix("Value error, ")


async def _http(_: Request, error: Any) -> Response:
    code, hint = CODES.get(error.status_code, ("refused", ""))
    answer = _plain(error.status_code, code, str(error.detail), hint)
    answer.headers.update(error.headers or {})
    return answer


async def _database(request: Request, error: Any) -> Response:
    if is_away(error):
        return await _unavailable(request, error)
    raise error


async def _unavailable(_: Request, error: Any) -> Response:
    log.warning("database_unavailable", error=str(error)[:LONGEST])
    return problem(
        Unavailable(
            "database_unavailable", "the database does not answer", "nothing was changed; try again", retry_after=2
        )
    )


def _internal(incident: str) -> Response:
    detail = f"something unexpected happened; the log has it as incident {incident}"
    return _plain(500, "internal_error", detail, "give the incident number to the administrator", incident=incident)


def _plain(status: int, code: str, detail: str, hint: str, **extras: Any) -> Problem:
    body = {"type": f"urn:corral:problem:{code}", "title": code.replace("_", " "), "status": status, "detail": detail}
    return Problem({**body, "code": code, "hint": hint, **extras}, status_code=status)


def _pointer(place: tuple[Any, ...]) -> str:
    """Return a JSON pointer into the body; places elsewhere begin with what they are: `/query/limit`."""
    parts = place[1:] if place and place[0] == "body" else place
    return "".join("/" + str(part)[:LONGEST].replace("~", "~0").replace("/", "~1") for part in parts)
