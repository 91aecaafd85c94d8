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


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `webhookTrigger`; bearer and hmac are ours, by `secret`."""

    path: str = about(description="what stands behind /webhook/")
    method: Method = Method.POST
    responseMode: ResponseMode = about(
        ResponseMode.IMMEDIATE, description="answer at once, or by the run's webhookResponse"
    )
    authentication: Authentication = Authentication.NONE
    headerName: str = about("X-API-Key", shown_when=_HEADER)
    headerValue: str = about("", shown_when=_HEADER)
    secret: str = about(
        "", description="the token, or the key of the HMAC", shown_when={"authentication": ["bearer", "hmac"]}
    )


@node("webhookTrigger", title="Webhook", category="trigger", trigger="webhook")
async def webhook_trigger(parameters: Parameters, context: Context) -> Json:
    """Begins a run for each request: puts out method, path, headers, query, body and json."""
    return None
