"""Ask a model by OpenRouter."""

from dataclasses import dataclass

from corral_daemon.chat.providers import OPENROUTER
from corral_daemon.nodes.chat_model import BASE_URL, MODEL, PROMPT, Options, Result, converse
from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Options):
    """What this provider takes besides."""

    frequencyPenalty: float | None = about(None, minimum=-2, maximum=2)
    presencePenalty: float | None = about(None, minimum=-2, maximum=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `openrouterChatModel`; `baseUrl` is ours."""

    model: str = about(description=MODEL)
    prompt: Json = about("", description=PROMPT)
    options: Sampling = about(Sampling)
    baseUrl: str = about("", description=BASE_URL)


@node("openrouterChatModel", title="OpenRouter chat model", category="model", needs=(OPENROUTER.need,))
async def openrouter_chat_model(parameters: Parameters, context: Context) -> Result:
    """Asks a model by OpenRouter, under its name there, such as `anthropic/claude-sonnet-4.6`."""
    given = parameters.options
    return await converse(
        OPENROUTER,
        parameters.model.removeprefix("[FREE] "),
        parameters.prompt,
        parameters.baseUrl,
        given,
        context,
        frequency_penalty=given.frequencyPenalty,
        presence_penalty=given.presencePenalty,
    )
