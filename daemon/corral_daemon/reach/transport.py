"""HTTP that connects only where it may: the name is resolved once, and what was checked is what is connected to.

Each request of a chain of redirects comes by here anew. Proxies of the environment are not used: they would resolve
names themselves.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx

from corral_daemon.reach.policy import Address, Policy, parse

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_MOST_ADDRESSES = 4


class Refused(Exception):
    """The owner of this machine does not allow to connect there."""


class Unresolved(httpx.ConnectError):
    """The name has no address just now."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, in the order in which to try them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guarded(httpx.AsyncHTTPTransport):
    """No connection is used twice: one that was made for a host must not serve another that has its address."""

    def __init__(self, policy: Policy, resolver: Resolve = resolve) -> None:
        super().__init__(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)
        self._policy = policy
        self._resolve = resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises Refused; otherwise as httpx does."""
        host, port = (
            request.url.raw_host.decode("ascii"),
            request.url.port or {"https": 443}.get(request.url.scheme, 80),
        )
        addresses = await self._addresses(host, port)
        for address in addresses[:-1]:
            try:
                return await super().handle_async_request(_aimed(request, host, address))
            except httpx.ConnectError:
                continue
        return await super().handle_async_request(_aimed(request, host, addresses[-1]))

    async def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            found = [parse(text) for text in await self._resolve(host, port)][:_MOST_ADDRESSES]
        except (OSError, UnicodeError, ValueError) as error:
            raise Unresolved(f"{host} has no address: {error}") from error
        if not found:
            raise Unresolved(f"{host} has no address")
        for address in found:
            if not self._policy.names(host, port) and not self._policy.allows(address):
                raise Refused(f"{host} is {address}, which is not public; {HINT}")
        return found


HINT = "the machine's owner allows it by `http_allow` in daemon.toml, or everything by CORRAL_HTTP_ALLOW_PRIVATE=1"


def _aimed(request: httpx.Request, host: str, address: Address) -> httpx.Request:
    """Return the request aimed at an address. Its Host header and the name that TLS asks for stay."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )
