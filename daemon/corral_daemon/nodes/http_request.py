"""Ask something over HTTP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from corral_daemon import clock
from corral_daemon.nodes.node import Context, NodeFailed, node
from corral_daemon.reach.busy import is_busy, wanted_pause
from corral_daemon.reach.exchange import Answer, Order, exchange
from corral_protocol.codec import Json
from corral_protocol.json_schema import about
from corral_protocol.vocabulary import ErrorClass

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_AGENT = "corral"
_SHOWN = 500


class Method(StrEnum):
    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"
    PATCH = "PATCH"
    HEAD = "HEAD"
    OPTIONS = "OPTIONS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `httpRequest`. Its proxies are not offered."""

    method: Method = Method.GET
    url: str = about(description="http:// or https://")
    headers: Json = about("{}", description="an object, or its JSON")
    body: Json = about("", description="text, or JSON to send as such", shown_when={"method": ["POST", "PUT", "PATCH"]})
    timeout: float = about(30.0, description="seconds for all of it", minimum=0.1, maximum=3600)
    max_bytes: int = about(4 << 20, description="of the answer; a longer one is a failure", minimum=1, maximum=8 << 20)
    useProxy: bool = about(False, description="kept from MachinaOs' files; true is refused: there are no proxies here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    status: int
    data: Json
    headers: Mapping[str, str]
    url: str
    method: str
    proxied: bool = False


@node("httpRequest", title="HTTP request", category="network")
async def http_request(parameters: Parameters, context: Context) -> Result:
    """Asks over HTTP; a status of 400 and more is a failure, one that may pass counts as `unavailable`.

    Private addresses are refused unless this machine's owner allows them. What changes something carries a key, in
    `Idempotency-Key`, that is the same whenever this step is tried again.
    """
    if parameters.useProxy:
        raise NodeFailed(ErrorClass.BAD_INPUT, "useProxy: there are no proxies here; leave it out")
    method = parameters.method.value
    content, kind = _content(parameters.body if method not in _SAFE else "")
    headers = {**kind, **key_of(method, context), **headers_of(parameters.headers)}
    order = Order(
        method=method,
        url=parameters.url,
        headers=headers,
        params={},
        content=content,
        timeout=parameters.timeout,
        most=parameters.max_bytes,
    )
    answer = await exchange(order, context.machine.reach, context.machine.resolve)
    result = Result(status=answer.status, data=_data(answer), headers=answer.headers, url=parameters.url, method=method)
    if answer.status >= 400:
        raise failure(answer, {"status": result.status, "data": result.data, "headers": dict(result.headers)})
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Names as in AutomateOS' `http_request_node`."""

    url: str = about(description="http:// or https://")
    method: str = "GET"
    headers: Mapping[str, str] | None = None
    header: Mapping[str, str] | None = about(None, description="another name of `headers`")
    params: Mapping[str, Any] | None = None
    json_body: Json = None
    timeout: float = about(30.0, description="seconds for all of it", minimum=0.1, maximum=3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status_code: int
    headers: Mapping[str, str]
    json: Json
    text: str


@node("http_request_node", title="HTTP request (AutomateOS)", category="network")
async def http_request_node(config: Config, context: Context) -> Response:
    """Asks over HTTP as AutomateOS does: every status is a result, also one that says that it went wrong."""
    method = config.method.upper()
    if method not in set(Method):
        raise NodeFailed(ErrorClass.BAD_INPUT, f"there is no method {config.method!r}; use {', '.join(Method)}")
    content, kind = _content(config.json_body if config.json_body is not None else "")
    order = Order(
        method=method,
        url=config.url,
        headers={**kind, **key_of(method, context), **headers_of(config.headers or config.header)},
        params={name: str(value) for name, value in (config.params or {}).items()},
        content=content,
        timeout=config.timeout,
        most=4 << 20,
    )
    answer = await exchange(order, context.machine.reach, context.machine.resolve)
    return Response(status_code=answer.status, headers=answer.headers, json=_json(answer), text=answer.text)


def headers_of(given: Json) -> dict[str, str]:
    """Return headers as text, from an object or its JSON. Raises NodeFailed."""
    try:
        read = json.loads(given or "{}") if isinstance(given, str) else given or {}
    except ValueError as error:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"headers: no JSON: {error}") from error
    if not isinstance(read, Mapping):
        raise NodeFailed(ErrorClass.BAD_INPUT, "headers: must be an object of names and texts")
    return {
        "user-agent": _AGENT,
        **{str(name).lower(): str(value) for name, value in read.items() if value is not None},
    }


def key_of(method: str, context: Context) -> dict[str, str]:
    return {} if method in _SAFE else {"idempotency-key": context.idempotency_key}


def failure(answer: Answer, output: Json) -> NodeFailed:
    kind = ErrorClass.UNAVAILABLE if is_busy(answer.status) else ErrorClass.REPORTED
    said = f"{answer.url} answered {answer.status}: {answer.text[:_SHOWN]}"
    return NodeFailed(kind, said, output, wanted_pause(answer.headers, clock.unix()))


def _content(body: Json) -> tuple[bytes | None, dict[str, str]]:
    if body in ("", None):
        return None, {}
    if not isinstance(body, str):
        return json.dumps(body).encode(), {"content-type": "application/json"}
    return body.encode(), {"content-type": "application/json"} if _is_json(body) else {}


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False


def _json(answer: Answer) -> Json:
    try:
        return json.loads(answer.text)
    except (ValueError, RecursionError):
        return None


def _data(answer: Answer) -> Json:
    found = _json(answer)
    return answer.text if found is None else found
