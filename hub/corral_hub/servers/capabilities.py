"""What a machine can do, from what it announced and what an admin decided. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from corral_hub.errors import Unprocessable
from corral_protocol.capabilities import Capabilities
from corral_protocol.codec import Json, Malformed, decode, encode

OVERRIDABLE = frozenset({"repos", "languages", "environments", "tools", "tags"})
MAX_CONCURRENT = 1024


def read(value: Json) -> Capabilities:
    """Return announced capabilities. Raises Unprocessable."""
    try:
        return normal(decode(Capabilities, value))
    except Malformed as error:
        raise Unprocessable("invalid_capabilities", f"/capabilities{error}", "correct the field") from error


def amend(announced: Capabilities, changes: Mapping[str, Json]) -> Capabilities:
    """Return the vector after news of some of it: an agent of another make leaves out what it announced before."""
    return read({**encode(announced), **changes})


def normal(announced: Capabilities) -> Capabilities:
    """Return the vector with lower-case, sorted, unique names and a sane number of slots."""
    return replace(
        announced,
        languages=_names(announced.languages),
        environments=_names(announced.environments),
        tools=_names(announced.tools),
        tags=_names(announced.tags),
        agents=tuple(sorted(announced.agents, key=lambda agent: agent.name)),
        max_concurrent=max(1, min(announced.max_concurrent, MAX_CONCURRENT)),
    )


def merge(announced: Capabilities, overrides: Mapping[str, Any]) -> Capabilities:
    """Return the effective vector: a key an admin set wins whole. Raises Unprocessable for a bad override."""
    unknown = sorted(set(overrides) - OVERRIDABLE)
    if unknown:
        raise Unprocessable(
            "invalid_overrides",
            f"{unknown[0][:64]!r} cannot be overridden",
            f"these can: {', '.join(sorted(OVERRIDABLE))}",
        )
    return read({**encode(announced), **overrides})


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({name.strip().lower() for name in names if name.strip()}))
