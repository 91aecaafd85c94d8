"""Ask one of DeepSeek's models."""

from dataclasses import dataclass

from corral_daemon.chat.providers import DEEPSEEK
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
    """Names as in MachinaOs' `deepseekChatModel`; `baseUrl` is ours."""

    model: str = about(description=MODEL)
    prompt: Json = about("", description=PROMPT)
    options: Sampling = about(Sampling)
    baseUrl: str = about("", description=BASE_URL)


@node("deepseekChatModel", title="DeepSeek chat model", category="model", needs=(DEEPSEEK.need,))
async def deepseek_chat_model(parameters: Parameters, context: Context) -> Result:
    """Asks a model of DeepSeek's. Its reasoner thinks in any case; its thoughts come as `thinking`."""
    given = parameters.options
    return await converse(
        DEEPSEEK,
        parameters.model,
        parameters.prompt,
        parameters.baseUrl,
        given,
        context,
        frequency_penalty=given.frequencyPenalty,
        presence_penalty=given.presencePenalty,
    )
