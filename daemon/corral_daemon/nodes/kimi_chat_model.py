"""Ask one of Moonshot's Kimi models."""

from dataclasses import dataclass

from corral_daemon.chat.providers import KIMI
from corral_daemon.nodes.chat_model import BASE_URL, MODEL, PROMPT, Options, Result, converse
from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `kimiChatModel`; `baseUrl` is ours."""

    model: str = about(description=MODEL)
    prompt: Json = about("", description=PROMPT)
    options: Options = about(Options)
    baseUrl: str = about("", description=BASE_URL)


@node("kimiChatModel", title="Kimi chat model", category="model", needs=(KIMI.need,))
async def kimi_chat_model(parameters: Parameters, context: Context) -> Result:
    """Asks a Kimi model of Moonshot's."""
    return await converse(
        KIMI,
        parameters.model,
        parameters.prompt,
        parameters.baseUrl,
        parameters.options,
        context,
    )
