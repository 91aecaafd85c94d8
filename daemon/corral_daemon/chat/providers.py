"""Who provides language models, where, and by which variables this machine's owner names key and address. Pure.

The machine's key goes to the provider, or to where the owner's variable points, and nowhere else: a workflow that
names another address is answered from there without it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from corral_daemon.chat import anthropic, gemini, openai
from corral_daemon.chat.model import Question, Reply, Request
from corral_protocol.codec import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """`keys` and `bases`: variables, the first that is set counts. `base` is where it is unless told otherwise."""

    name: str
    base: str
    keys: tuple[str, ...]
    bases: tuple[str, ...]
    request: Callable[[Question, str | None], Request] = openai.request
    read: Callable[[Json], Reply] = openai.read

    @property
    def need(self) -> str:
        """What a machine must have for it, as `@node(needs=…)` says it."""
        return "$" + "|".join((*self.keys, *self.bases))


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where to ask, and the key to show there."""

    base: str
    key: str | None

    def url(self, path: str) -> str:
        """Some write the version into the base URL and some do not."""
        version, _, rest = path.partition("/")
        base = self.base.rstrip("/")
        return f"{base}/{rest}" if rest and base.endswith(f"/{version}") else f"{base}/{path}"


class NoDoor(ValueError):
    """It is not known where to ask, or nobody may ask there like this."""


def door(provider: Provider, asked: str, environment: Mapping[str, str]) -> Door:
    """Return where to ask; `asked`: the base URL that the workflow wants, or nothing. Raises NoDoor."""
    owners = _first(provider.bases, environment)
    key = _first(provider.keys, environment)
    base = asked or owners or provider.base
    trusted = {origin(url) for url in (provider.base, owners) if url}
    if origin(base) not in trusted:
        return Door(base=base, key=None)
    if key is None and owners is None:
        raise NoDoor(
            f"this machine has no key for {provider.name}; "
            f"set {' or '.join(provider.keys)} in the environment of its daemon"
        )
    return Door(base=base, key=key)


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port: the key of one origin is not for another. Raises NoDoor."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NoDoor(f"the base URL is none: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoDoor(f"the base URL {url[:200]!r} does not begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise NoDoor("the base URL carries a name or a password; they would be shown in every message about it")
    if parts.query or parts.fragment:
        raise NoDoor(f"the base URL {url[:200]!r} must end with its path")
    return parts.scheme, parts.hostname, port or {"http": 80, "https": 443}[parts.scheme]


def _first(names: tuple[str, ...], environment: Mapping[str, str]) -> str | None:
    return next((value for name in names if (value := environment.get(name, "").strip())), None)


_NEWER: Final = partial(openai.request, limit_word=openai.NEWER_LIMIT)

OPENAI: Final = Provider(
    name="openai",
    base="https://api.openai.com/v1",
    keys=("OPENAI_API_KEY",),
    bases=("OPENAI_BASE_URL",),
)
ANTHROPIC: Final = Provider(
    name="anthropic",
    base="https://api.anthropic.com",
    keys=("ANTHROPIC_API_KEY",),
    bases=("ANTHROPIC_BASE_URL",),
    request=anthropic.request,
    read=anthropic.read,
)
GEMINI: Final = Provider(
    name="gemini",
    base="https://generativelanguage.googleapis.com",
    keys=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    bases=("GOOGLE_GEMINI_BASE_URL",),
    request=gemini.request,
    read=gemini.read,
)
OPENROUTER: Final = Provider(
    name="openrouter",
    base="https://openrouter.ai/api/v1",
    keys=("OPENROUTER_API_KEY",),
    bases=("OPENROUTER_BASE_URL",),
)
GROQ: Final = Provider(
    name="groq",
    base="https://api.groq.com/openai/v1",
    keys=("GROQ_API_KEY",),
    bases=("GROQ_BASE_URL",),
    request=_NEWER,
)
CEREBRAS: Final = Provider(
    name="cerebras",
    base="https://api.cerebras.ai/v1",
    keys=("CEREBRAS_API_KEY",),
    bases=("CEREBRAS_BASE_URL",),
    request=_NEWER,
)
DEEPSEEK: Final = Provider(
    name="deepseek", base="https://api.deepseek.com", keys=("DEEPSEEK_API_KEY",), bases=("DEEPSEEK_BASE_URL",)
)
KIMI: Final = Provider(
    name="kimi",
    base="https://api.moonshot.ai/v1",
    keys=("MOONSHOT_API_KEY", "KIMI_API_KEY"),
    bases=("MOONSHOT_BASE_URL", "KIMI_BASE_URL"),
)
MISTRAL: Final = Provider(
    name="mistral", base="https://api.mistral.ai/v1", keys=("MISTRAL_API_KEY",), bases=("MISTRAL_BASE_URL",)
)
PROVIDERS: Final[Mapping[str, Provider]] = {
    provider.name: provider
    for provider in (OPENAI, ANTHROPIC, GEMINI, OPENROUTER, GROQ, CEREBRAS, DEEPSEEK, KIMI, MISTRAL)
}
