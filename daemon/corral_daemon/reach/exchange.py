"""One HTTP exchange of a node, redirects included, and how its failures are told."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from corral_daemon.failure import NodeFailed
from corral_daemon.reach.policy import Policy
from corral_daemon.reach.transport import Guarded, Refused, Resolve, resolve
from corral_protocol.vocabulary import ErrorClass

MOST_REDIRECTS = 10
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`most`: bytes of the answer's body, as it comes out of its compression.

    `follow`: whether redirects are; what carries a key in a header of its own must not be sent on to anybody.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    params: Mapping[str, str]
    content: bytes | None
    timeout: float
    most: int
    follow: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    url: str
    text: str


async def exchange(order: Order, policy: Policy, resolver: Resolve = resolve) -> Answer:
    """Raises NodeFailed with a class by which it may be tried again; every status is an answer."""
    _check(order)
    try:
        async with asyncio.timeout(order.timeout), _client(order, Guarded(policy, resolver)) as client:
            return await _talk(client, order)
    except Refused as error:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"not allowed from this machine: {error}") from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise NodeFailed(ErrorClass.TIMEOUT, f"{order.url} did not answer within {order.timeout:g} s") from error
    except (httpx.TooManyRedirects, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"{order.url}: {error}") from error
    except httpx.TransportError as error:
        what = str(error) or type(error).__name__
        raise NodeFailed(ErrorClass.UNAVAILABLE, f"{order.url} cannot be reached: {what}") from error
    except (httpx.InvalidURL, httpx.DecodingError, ValueError) as error:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"{order.url}: {error}") from error


def _check(order: Order) -> None:
    try:
        url = httpx.URL(order.url)
    except httpx.InvalidURL as error:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"url: {order.url[:200]!r} is none: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"url: {order.url[:200]!r} does not begin with http:// or https://")
    for name, value in order.headers.items():
        if not _NAME.fullmatch(name) or any(character in value for character in "\r\n\0"):
            raise NodeFailed(ErrorClass.BAD_INPUT, f"headers: {name[:100]!r} and what it holds are no header")


def _client(order: Order, transport: Guarded) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        timeout=order.timeout,
        follow_redirects=order.follow,
        max_redirects=MOST_REDIRECTS,
    )


async def _talk(client: httpx.AsyncClient, order: Order) -> Answer:
    async with client.stream(
        order.method,
        httpx.URL(order.url).copy_merge_params(order.params),
        headers=dict(order.headers),
        content=order.content,
    ) as response:
        body = await _body(response, order.most)
    return Answer(
        status=response.status_code,
        headers=dict(response.headers),
        url=str(response.url),
        text=body.decode(response.encoding or "utf-8", "replace"),
    )


async def _body(response: httpx.Response, most: int) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > most:
            raise NodeFailed(ErrorClass.BAD_INPUT, f"the answer of {response.url} is longer than {most} bytes")
    return bytes(body)
