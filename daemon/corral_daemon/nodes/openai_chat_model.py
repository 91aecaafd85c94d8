"""Ask a model of OpenAI's, or of whoever speaks the same."""

from dataclasses import dataclass

from corral_daemon.chat.providers import OPENAI
from corral_daemon.nodes.chat_model import BASE_URL, MODEL, PROMPT, Effort, Form, Options, Result, converse
from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling(Options):
    """What this provider takes besides."""

    frequencyPenalty: float | None = about(None, minimum=-2, maximum=2)
    presencePenalty: float | None = about(None, minimum=-2, maximum=2)
    responseFormat: Form = Form.TEXT
    thinkingEnabled: bool = False
    reasoningEffort: Effort = about(Effort.MEDIUM, shown_when={"thinkingEnabled": [True]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `openaiChatModel`; `baseUrl` is ours."""

    model: str = about(description=MODEL)
    prompt: Json = about("", description=PROMPT)
    options: Sampling = about(Sampling)
    baseUrl: str = about("", description=BASE_URL)


@node("openaiChatModel", title="OpenAI chat model", category="model", needs=(OPENAI.need,))
async def openai_chat_model(parameters: Parameters, context: Context) -> Result:
    """Asks a model of OpenAI's. With OPENAI_BASE_URL or `baseUrl` also Ollama, vLLM and others that speak the same."""
    given = parameters.options
    return await converse(
        OPENAI,
        parameters.model,
        parameters.prompt,
        parameters.baseUrl,
        given,
        context,
        frequency_penalty=given.frequencyPenalty,
        presence_penalty=given.presencePenalty,
        json_only=given.responseFormat is Form.JSON,
        effort=given.reasoningEffort.value if given.thinkingEnabled else None,
    )
