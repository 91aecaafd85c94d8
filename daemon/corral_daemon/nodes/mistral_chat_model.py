"""Ask one of Mistral's models."""

from dataclasses import dataclass

from corral_daemon.chat.providers import MISTRAL
from corral_daemon.nodes.chat_model import BASE_URL, MODEL, PROMPT, Options, Result, converse
from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `mistralChatModel`; `baseUrl` is ours."""

    model: str = about(description=MODEL)
    prompt: Json = about("", description=PROMPT)
    options: Options = about(Options)
    baseUrl: str = about("", description=BASE_URL)


@node("mistralChatModel", title="Mistral chat model", category="model", needs=(MISTRAL.need,))
async def mistral_chat_model(parameters: Parameters, context: Context) -> Result:
    """Asks a model of Mistral's."""
    return await converse(
        MISTRAL,
        parameters.model,
        parameters.prompt,
        parameters.baseUrl,
        parameters.options,
        context,
    )
