"""Ask a model on Cerebras."""

from dataclasses import dataclass

from corral_daemon.chat.providers import CEREBRAS
from corral_daemon.nodes.chat_model import BASE_URL, MODEL, PROMPT, Options, Result, converse
from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `cerebrasChatModel`; `baseUrl` is ours."""

    model: str = about(description=MODEL)
    prompt: Json = about("", description=PROMPT)
    options: Options = about(Options)
    baseUrl: str = about("", description=BASE_URL)


@node("cerebrasChatModel", title="Cerebras chat model", category="model", needs=(CEREBRAS.need,))
async def cerebras_chat_model(parameters: Parameters, context: Context) -> Result:
    """Asks a model on Cerebras. It takes no budget for thinking: MachinaOs' `thinkingBudget` is not read."""
    return await converse(
        CEREBRAS,
        parameters.model,
        parameters.prompt,
        parameters.baseUrl,
        parameters.options,
        context,
    )
