"""Ask one of Google's Gemini models."""

from dataclasses import dataclass
from enum import StrEnum

from corral_daemon.chat.providers import GEMINI
from corral_daemon.nodes.chat_model import BASE_URL, MODEL, PROMPT, Options, Result, converse
from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


class Safety(StrEnum):
    DEFAULT = "default"
    STRICT = "strict"
    PERMISSIVE = "permissive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Options):
    """What this provider takes besides."""

    topK: int | None = about(None, minimum=1, maximum=100)
    safetySettings: Safety = Safety.DEFAULT
    thinkingEnabled: bool = False
    thinkingBudget: int = about(
        2048, description="tokens to think with", minimum=1024, maximum=16_000, shown_when={"thinkingEnabled": [True]}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `geminiChatModel`; `baseUrl` is ours."""

    model: str = about(description=MODEL)
    prompt: Json = about("", description=PROMPT)
    options: Sampling = about(Sampling)
    baseUrl: str = about("", description=BASE_URL)


@node("geminiChatModel", title="Gemini chat model", category="model", needs=(GEMINI.need,))
async def gemini_chat_model(parameters: Parameters, context: Context) -> Result:
    """Asks a Gemini model. What its filters stop is a reply without text, with their word as `finish_reason`."""
    given = parameters.options
    return await converse(
        GEMINI,
        parameters.model,
        parameters.prompt,
        parameters.baseUrl,
        given,
        context,
        top_k=given.topK,
        safety=given.safetySettings.value,
        budget=given.thinkingBudget if given.thinkingEnabled else None,
    )
