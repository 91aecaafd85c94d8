"""What a webhookTrigger node says: where it listens, to whom, and how a call is held against that. Pure."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from corral_hub.errors import Forbidden, MethodNotAllowed, Refused, TooLarge, Unauthenticated
from corral_hub.triggers.reading import BadTrigger, choice, text, whole
from corral_protocol.codec import Json

BODY_LIMIT = 1_048_576
MOST_BODY = 16 * BODY_LIMIT
"""What is sent is kept with the run: it is no place for files."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PATH = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


class Asks(StrEnum):
    """What a caller has to show."""

    NOTHING = "none"
    HEADER = "header"
    BEARER = "bearer"
    HMAC = "hmac"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """`header`: where the secret, or the signature, stands. `answered`: the caller waits for what a node says.

    `secret`: what the definition names (workflows/secrets.py), until a call is judged.
    """

    path: str
    methods: tuple[str, ...] = ("POST",)
    asks: Asks = Asks.NOTHING
    header: str = ""
    secret: str = ""
    timestamp_header: str = ""
    tolerance: int = 300
    answered: bool = False
    timeout: int = 30
    key_header: str = "Idempotency-Key"
    body_limit: int = BODY_LIMIT


def read_hook(parameters: Mapping[str, Json]) -> Hook:
    """Raises BadTrigger."""
    path = text(parameters, "path", most=200).strip("/")
    if not _PATH.fullmatch(path):
        raise BadTrigger("path", "must be letters, digits and ._~- with slashes between them")
    method = choice(parameters, "method", "POST", (*METHODS, "ALL"))
    asks = Asks(choice(parameters, "authentication", "none", tuple(Asks)))
    return Hook(
        path=path,
        methods=METHODS if method == "ALL" else (method,),
        asks=asks,
        header=_header(parameters, "headerName", _HEADERS[asks]),
        secret=_secret(parameters, asks),
        timestamp_header=_header(parameters, "timestampHeader", ""),
        tolerance=whole(parameters, "tolerance", 300, 1, 86_400),
        answered=choice(parameters, "responseMode", "immediate", ("immediate", "responseNode")) == "responseNode",
        timeout=whole(parameters, "responseTimeout", 30, 1, 300),
        key_header=_header(parameters, "idempotencyHeader", "Idempotency-Key"),
        body_limit=whole(parameters, "bodyLimit", BODY_LIMIT, 0, MOST_BODY),
    )


_HEADERS = {
    Asks.NOTHING: "",
    Asks.HEADER: "X-API-Key",
    Asks.BEARER: "Authorization",
    Asks.HMAC: "X-Signature-256",
}


def _header(parameters: Mapping[str, Json], name: str, default: str) -> str:
    value = text(parameters, name, default, most=100)
    if value and not _HEADER.fullmatch(value):
        raise BadTrigger(name, "is no name of a header")
    return value


def _secret(parameters: Mapping[str, Json], asks: Asks) -> str:
    """An empty secret would open the door to whoever sends nothing."""
    names = {Asks.HEADER: "headerValue", Asks.BEARER: "secret", Asks.HMAC: "secret"}
    if asks not in names:
        return ""
    secret = text(parameters, names[asks])
    if not secret:
        raise BadTrigger(names[asks], f"is needed for authentication {asks.value}")
    return secret


def check_method(hook: Hook, method: str) -> None:
    """Raises MethodNotAllowed."""
    if method not in hook.methods:
        allowed = ", ".join(hook.methods)
        raise MethodNotAllowed("method_not_allowed", f"this webhook takes {allowed}", f"send {allowed}", allow=allowed)


def check_size(hook: Hook, size: int) -> None:
    """Raise TooLarge for a body of so many bytes, or more."""
    if size > hook.body_limit:
        what = f"this webhook takes bodies of at most {hook.body_limit} bytes"
        raise TooLarge("body_too_large", what, "send less; its parameter bodyLimit says how much it takes")


def check_caller(hook: Hook, headers: Mapping[str, str]) -> None:
    """Hold what can be judged without the body against the hook; `headers` by lower-case name. Raises Refused."""
    if hook.asks is Asks.NOTHING:
        return
    shown = headers.get((_HEADERS[Asks.BEARER] if hook.asks is Asks.BEARER else hook.header).lower())
    if shown is None:
        name = "Authorization: Bearer …" if hook.asks is Asks.BEARER else hook.header
        raise Unauthenticated("credentials_required", "this webhook asks for a credential", f"send {name}")
    if hook.asks is Asks.HEADER and not _same(shown, hook.secret):
        raise _wrong()
    if hook.asks is Asks.BEARER:
        scheme, _, token = shown.partition(" ")
        if scheme.lower() != "bearer" or not _same(token.strip(), hook.secret):
            raise _wrong()


def check_signature(hook: Hook, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises Unauthenticated, or Forbidden for what was signed too long ago."""
    if hook.asks is not Asks.HMAC:
        return
    stamp = headers.get(hook.timestamp_header.lower()) if hook.timestamp_header else None
    if hook.timestamp_header and stamp is None:
        raise Unauthenticated("credentials_required", "the signature has no time", f"send {hook.timestamp_header}")
    signed = body if stamp is None else stamp.encode("latin-1", "replace") + b"." + body
    wanted = hmac.new(hook.secret.encode(), signed, hashlib.sha256).hexdigest()
    shown = headers.get(hook.header.lower(), "").strip()
    if not _same(shown.removeprefix("sha256=").lower(), wanted):
        raise _wrong()
    if stamp is not None and not _is_fresh(stamp, hook.tolerance, now):
        what = f"it was signed more than {hook.tolerance} seconds ago, or will be"
        raise Forbidden("stale_signature", what, "sign anew, and set the clock")


def _is_fresh(stamp: str, tolerance: int, now: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 14):
        return False
    return abs(int(stamp) - now.timestamp()) <= tolerance


def _same(shown: str, secret: str) -> bool:
    """In constant time, whatever the texts hold."""
    return hmac.compare_digest(shown.encode("utf-8", "replace"), secret.encode())


def _wrong() -> Refused:
    return Unauthenticated(
        "bad_credentials",
        "the credential of this webhook is another",
        "ask who runs the workflow: a secret is set, never shown",
    )
