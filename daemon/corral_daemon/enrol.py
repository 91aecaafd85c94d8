"""Join a hub with a registration token; keep the key it gives."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from corral_daemon import settings, system
from corral_daemon.errors import ConfigError, EnrolError
from corral_daemon.settings import Settings
from corral_protocol.capabilities import Capabilities, SystemInfo
from corral_protocol.codec import encode
from corral_protocol.tokens import BadToken, RegistrationToken, parse_token

PATH = "/api/v1/servers/register"
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What the hub answered, and where it is kept. The key itself is in the file only."""

    server_id: str
    server_name: str
    hub_url: str
    config: str


async def join(token: str, config: Path, wanted: Settings, capabilities: Capabilities, figures: SystemInfo) -> Joined:
    """Register this machine and write `config`. An existing file is replaced only after the hub said yes.

    `wanted` carries the name, repositories and limits to keep. Raises EnrolError, ConfigError.
    """
    parsed = _parse(token)
    _check_writable(config)
    body = request_body(token, wanted, capabilities, figures)
    answer = await _post(parsed, body)
    api_key, server_id = answer.get("api_key"), answer.get("id")
    if not isinstance(api_key, str) or not api_key:
        raise EnrolError("the hub's answer holds no key", "is this the address of a Corral hub?", "bad_answer")
    name = str(answer.get("name") or wanted.server_name)
    settings.save(config, replace(wanted, hub_url=parsed.hub_url, api_key=api_key, server_name=name))
    return Joined(server_id=str(server_id or ""), server_name=name, hub_url=parsed.hub_url, config=str(config))


def request_body(token: str, wanted: Settings, capabilities: Capabilities, figures: SystemInfo) -> Mapping[str, Any]:
    """Return the body of the published agent's registration, and what we know more."""
    return {
        "name": wanted.server_name or system.host_name(),
        "hostname": system.host_name(),
        "ip": "0.0.0.0",  # noqa: S104 - what the published agent sends; nothing listens
        "os": system.os_name(),
        "repos": dict(wanted.repos),
        "system_info": encode(figures),
        "registration_token": token,
        "machine_id": system.machine_id(),
        "mac_address": system.mac_address(),
        "capabilities": encode(capabilities),
    }


def _parse(token: str) -> RegistrationToken:
    try:
        return parse_token(token.strip())
    except BadToken as error:
        raise EnrolError(str(error), "copy the whole line `corral token create` printed", "bad_token") from error


def _check_writable(config: Path) -> None:
    """A token works once; find out before using it whether the key can be kept."""
    trial = config.with_name(f".{config.name}.trial")
    try:
        config.parent.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(b"x" * 4096)
        trial.unlink()
    except OSError as error:
        raise ConfigError(
            f"{config} cannot be written: {error.strerror}", "nothing was sent; the token is still good"
        ) from error


async def _post(token: RegistrationToken, body: Mapping[str, Any]) -> Mapping[str, Any]:
    loopback = (urlsplit(token.hub_url).hostname or "") in {"localhost", "127.0.0.1", "::1"}
    try:
        async with httpx.AsyncClient(
            timeout=TIMEOUT, verify=ssl.create_default_context(), trust_env=not loopback
        ) as client:
            response = await client.post(token.hub_url + PATH, json=body)
    except httpx.HTTPError as error:
        raise _unreachable(token.hub_url, error) from error
    except (ImportError, ValueError, httpx.InvalidURL) as error:  # of the proxy that the environment names
        raise EnrolError(
            f"{token.hub_url} cannot be asked: {error}",
            "look at HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; the token is still good",
            "proxy_unusable",
        ) from error
    answer = _json(response)
    if response.status_code not in (HTTPStatus.OK, HTTPStatus.CREATED):
        raise _refused(response.status_code, answer)
    return answer


def _json(response: httpx.Response) -> Mapping[str, Any]:
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _unreachable(url: str, error: httpx.HTTPError) -> EnrolError:
    if "CERTIFICATE" in str(error).upper():
        return EnrolError(
            f"the certificate of {url} is not trusted: {error}",
            "install the hub's CA on this machine, or set SSL_CERT_FILE to it",
            "tls_untrusted",
        )
    return EnrolError(
        f"{url} cannot be reached: {error or type(error).__name__}",
        "is the hub running, and is this its address as seen from here? the token is still good",
        "hub_unreachable",
    )


def _refused(status: int, answer: Mapping[str, Any]) -> EnrolError:
    detail = answer.get("detail")
    said = detail if isinstance(detail, str) and detail else f"HTTP {status}"
    hint, code = answer.get("hint"), answer.get("code")
    return EnrolError(
        f"the hub refused: {said}",
        hint if isinstance(hint, str) else None,
        code if isinstance(code, str) else ("token_refused" if status == HTTPStatus.UNAUTHORIZED else "join_refused"),
    )
