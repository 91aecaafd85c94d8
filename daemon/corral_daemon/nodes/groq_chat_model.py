"""Ask a model on Groq."""

from dataclasses import dataclass
from enum import StrEnum

from corral_daemon.chat.providers import GROQ
from corral_daemon.nodes.chat_model import BASE_URL, MODEL, PROMPT, Options, Result, converse
from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


class ReasoningFormat(StrEnum):
    PARSED = "parsed"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Options):
    """What this provider takes besides."""

    thinkingEnabled: bool = False
    reasoningFormat: ReasoningFormat = about(ReasoningFormat.PARSED, shown_when={"thinkingEnabled": [True]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `groqChatModel`; `baseUrl` is ours."""

    model: str = about(description=MODEL)
    prompt: Json = about("", description=PROMPT)
    options: Sampling = about(Sampling)
    baseUrl: str = about("", description=BASE_URL)


@node("groqChatModel", title="Groq chat model", category="model", needs=(GROQ.need,))
async def groq_chat_model(parameters: Parameters, context: Context) -> Result:
    """Asks a model on Groq. `reasoningFormat` is for models that think, such as qwen3."""
    given = parameters.options
    return await converse(
        GROQ,
        parameters.model,
        parameters.prompt,
        parameters.baseUrl,
        given,
        context,
        reasoning_format=given.reasoningFormat.value if given.thinkingEnabled else None,
    )
