"""Answer the request that began the run."""

import json
from dataclasses import dataclass
from enum import StrEnum

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about
from corral_protocol.nodes import Respond


class ContentType(StrEnum):
    JSON = "application/json"
    TEXT = "text/plain"
    HTML = "text/html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `webhookResponse`."""

    statusCode: int = about(200, minimum=200, maximum=599)
    responseBody: Json = about("", description="text or JSON; empty: the input")
    contentType: ContentType = ContentType.JSON


@node("webhookResponse", title="Answer a webhook", category="network")
async def webhook_response(parameters: Parameters, context: Context) -> Respond:
    """Answers the waiting caller of the webhook; whoever gave up waiting hears nothing."""
    body = parameters.responseBody if parameters.responseBody not in ("", None) else context.input()
    if parameters.contentType is ContentType.JSON and isinstance(body, str):
        body = _read(body)
    return Respond(status=parameters.statusCode, body=body, content_type=parameters.contentType.value)


def _read(text: str) -> Json:
    """A text that is JSON is sent as that JSON, any other as a JSON string."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
