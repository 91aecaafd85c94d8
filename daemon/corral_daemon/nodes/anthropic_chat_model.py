"""Ask one of Anthropic's Claude models."""

from dataclasses import dataclass

from corral_daemon.chat.providers import ANTHROPIC
from corral_daemon.nodes.chat_model import BASE_URL, MODEL, PROMPT, Options, Result, converse
from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Options):
    """What this provider takes besides."""

    topK: int | None = about(None, minimum=1, maximum=100)
    thinkingEnabled: bool = False
    thinkingBudget: int = about(
        2048, description="tokens to think with", minimum=1024, maximum=16_000, shown_when={"thinkingEnabled": [True]}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `anthropicChatModel`; `baseUrl` is ours."""

    model: str = about(description=MODEL)
    prompt: Json = about("", description=PROMPT)
    options: Sampling = about(Sampling)
    baseUrl: str = about("", description=BASE_URL)


@node("anthropicChatModel", title="Claude chat model", category="model", needs=(ANTHROPIC.need,))
async def anthropic_chat_model(parameters: Parameters, context: Context) -> Result:
    """Asks a Claude model. While it thinks it takes no temperature; of temperature and topP it takes the first."""
    given = parameters.options
    return await converse(
        ANTHROPIC,
        parameters.model,
        parameters.prompt,
        parameters.baseUrl,
        given,
        context,
        top_k=given.topK,
        budget=given.thinkingBudget if given.thinkingEnabled else None,
    )
