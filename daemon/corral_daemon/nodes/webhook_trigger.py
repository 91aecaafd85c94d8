"""Where a run begins that an HTTP request starts."""

from dataclasses import dataclass
from enum import StrEnum

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


class Method(StrEnum):
    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"
    PATCH = "PATCH"
    ALL = "ALL"


class ResponseMode(StrEnum):
    IMMEDIATE = "immediate"
    RESPONSE_NODE = "responseNode"


class Authentication(StrEnum):
    NONE = "none"
    HEADER = "header"
    BEARER = "bearer"
    HMAC = "hmac"


_HEADER = {"authentication": ["header"]}
_HMAC = {"authentication": ["hmac"]}
_KEPT = "kept apart, and shown as secret:…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `webhookTrigger`; bearer and hmac are ours, by `secret`."""

    path: str = about(description="what stands behind /webhook/")
    method: Method = Method.POST
    responseMode: ResponseMode = about(
        ResponseMode.IMMEDIATE, description="answer at once, or by the run's webhookResponse"
    )
    authentication: Authentication = Authentication.NONE
    headerName: str = about(
        "", description="X-API-Key, or X-Signature-256", shown_when={"authentication": ["header", "hmac"]}
    )
    headerValue: str = about("", description=f"what the header has to be; {_KEPT}", shown_when=_HEADER)
    secret: str = about(
        "",
        description=f"the token, or the key of the HMAC; {_KEPT}",
        shown_when={"authentication": ["bearer", "hmac"]},
    )
    timestampHeader: str = about(
        "", description="the time in seconds, signed as time.body; left out: the body alone", shown_when=_HMAC
    )
    tolerance: int = about(300, description="seconds", minimum=1, maximum=86_400, shown_when=_HMAC)
    responseTimeout: int = about(
        30, description="seconds", minimum=1, maximum=300, shown_when={"responseMode": ["responseNode"]}
    )
    bodyLimit: int = about(
        1_048_576, description="bytes; at most what the hub takes at all", minimum=0, maximum=16_777_216
    )
    idempotencyHeader: str = about("Idempotency-Key", description="requests with the same key begin one run")


@node("webhookTrigger", title="Webhook", category="trigger", trigger="webhook")
async def webhook_trigger(parameters: Parameters, context: Context) -> Json:
    """Begins a run for each request: puts out method, path, headers, query, body and json."""
    return None
