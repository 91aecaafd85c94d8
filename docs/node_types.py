"""The page of docs/reference about the node types that come along: prose here, all else from their manifests."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from corral_daemon.nodes import shipped
from corral_protocol.capabilities import NodeManifest

HEAD: Final = """# Node types that come along

`corral node list` shows those that your machines have, `corral node show TYPE` one of them. A machine announces what it
can do: a type that needs a program, walls around code or a key is not there where these are missing. A new type is one
file: `corral node new TYPE --install`. Names and parameters are MachinaOs' where it has the node.
"""

MODELS: Final = """\
Keys come from the environment of the daemon, never from a workflow, and go to the provider or to where the daemon's
own variable points, nowhere else: a `baseUrl` in a workflow that leads to another origin is asked without a key.
Private addresses need the owner's leave, as with every HTTP node. `maxRetries` are more requests within one attempt
while the provider is busy for some seconds; a longer `Retry-After`, and all else that may pass, is left to the
node's `retry`, which waits so long at least. A wrong key, an empty account, a model that is not there and a prompt
that is too long fail as `reported`: they are not tried again. An option that is not given is not sent, but for
`maxTokens`.
"""

_PROSE: Final[Mapping[str, str]] = {"model": MODELS}


def page() -> str:
    manifests = sorted((kind.manifest for kind in shipped()), key=lambda found: (found.category, found.type))
    lines: list[str] = [HEAD]
    for category, found in groupby(manifests, key=lambda manifest: manifest.category):
        lines += [f"## {category.capitalize()}\n"]
        lines += [_PROSE[category]] if category in _PROSE else []
        lines += [line for manifest in found for line in _node(manifest)]
    return "\n".join(lines)


def _node(manifest: NodeManifest) -> Iterator[str]:
    yield f"### `{manifest.type}`\n"
    yield "\n".join(line.strip() for line in manifest.description.splitlines()) + "\n"
    facts = [f"also called {_listed(manifest.aliases)}"] if manifest.aliases else []
    facts += [f"begins runs: {manifest.trigger}"] if manifest.trigger else []
    facts += [f"needs {', '.join(map(_need, manifest.needs))}"] if manifest.needs else []
    facts += [f"goes on at {_listed(manifest.handles)}"] if manifest.handles != ("main",) else []
    if facts:
        yield f"{facts[0][0].upper()}{'; '.join(facts)[1:]}.\n"
    rows = list(_rows(manifest.parameters, ""))
    if rows:
        yield "| parameter | type | default | |"
        yield "|---|---|---|---|"
        yield from rows
        yield ""


def _rows(schema: Mapping[str, Any], prefix: str) -> Iterator[str]:
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        if "properties" in field:
            yield from _rows(field, f"{prefix}{name}.")
            continue
        default = "required" if name in required else _default(field.get("default"))
        cells = (f"`{prefix}{name}`", _type(field), default, field.get("description", ""))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _type(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return _listed(field["enum"])
    least, most = field.get("minimum"), field.get("maximum")
    limits = f" {least if least is not None else ''}…{most if most is not None else ''}"
    return f"{field.get('type', 'any JSON')}{limits if (least, most) != (None, None) else ''}"


def _default(value: Any) -> str:
    return "" if value in (None, "", [], {}) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _need(word: str) -> str:
    """A variable, or one of several."""
    return " or ".join(f"`{name}`" for name in word[1:].split("|")) if word.startswith("$") else f"`{word}`"


def _listed(words: Any) -> str:
    return ", ".join(f"`{word}`" for word in words)
