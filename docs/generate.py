"""Write the pages of docs/reference that are made from code (`make docs`). A test says when they are old."""

import dataclasses
import inspect
import sys
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from corral_hub.tasks import events
from corral_hub.tasks.state import LEADS_TO, LEGAL
from corral_protocol import vocabulary
from corral_protocol.to_daemon import TO_DAEMON
from corral_protocol.to_hub import TO_HUB
from corral_protocol.viewers import FROM_VIEWER, TO_VIEWER, ViewerAuth
from corral_protocol.vocabulary import ENDED, TaskStatus
from docs import api, flows, node_types, specification

HERE = Path(__file__).parent
DASHBOARD = HERE.parent / "dashboard" / "src" / "api"
NOTE = "<!-- Made by docs/generate.py from {source}; change that, then run `make docs`. -->\n"


def pages() -> Mapping[Path, str]:
    """Every generated page and its text."""
    reference = HERE / "reference"
    return {
        reference / "state-machine.md": state_machine(),
        reference / "messages.md": messages(),
        reference / "dashboard.md": dashboard(),
        reference / "words.md": words(),
        reference / "tasks.md": _made_from("protocol/corral_protocol/run.py", specification.tasks(_named)),
        reference / "workflows.md": _made_from("hub/corral_hub/workflows/model.py", flows.page(_named)),
        reference / "nodes.md": _made_from("daemon/corral_daemon/nodes/", node_types.page()),
        reference / "projects.md": _made_from("hub/corral_hub/projects/model.py", specification.projects(_named)),
        reference / "openapi.json": api.document(),
        DASHBOARD / "messages.ts": api.messages(),
        DASHBOARD / "moves.ts": api.moves(),
    }


def _made_from(source: str, text: str) -> str:
    return f"{NOTE.format(source=source)}\n{text}"


def state_machine() -> str:
    return "\n".join(
        [
            NOTE.format(source="hub/corral_hub/tasks/state.py"),
            "# The states of a task\n",
            "One table in the hub decides every move: `LEGAL` says in which states an event can happen, `step` what it",
            "does. Any other move is answered with `409 illegal_transition` and the legal ones.\n",
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> pending",
            *(f"    {source} --> {target}: {label}" for (source, target), label in sorted(_arrows().items())),
            *(f"    {status.value} --> [*]" for status in TaskStatus if status in ENDED),
            "```\n",
            f"`cancelled` can be reached from every state but {_listed(ENDED)}; the diagram leaves those arrows out.\n",
            "| event | in | leads to | |",
            "|---|---|---|---|",
            *(_event_row(event) for event in LEGAL),
            "",
        ]
    )


def _arrows() -> Mapping[tuple[str, str], str]:
    """(from, to) → the events that lead there. What stays where it is, and cancelling, are left out."""
    found: dict[tuple[str, str], list[str]] = {}
    for event, sources in LEGAL.items():
        if event is not events.Cancelled:
            for source in sources:
                for target in LEADS_TO[event] - sources:
                    found.setdefault((source.value, target.value), []).append(_spaced(event.__name__))
    return {way: ", ".join(sorted(names)) for way, names in found.items()}


def _event_row(event: type[Any]) -> str:
    cells = _spaced(event.__name__), _listed(LEGAL[event]), _listed(LEADS_TO[event]), " ".join(_doc(event).split())
    return f"| {' | '.join(cells)} |"


def messages() -> str:
    return "\n".join(
        [
            NOTE.format(source="protocol/corral_protocol"),
            "# The messages of `/ws/server`\n",
            "JSON text frames, told apart by `type`. Unknown fields are ignored, missing required ones refused with an",
            "`error` frame that names the place. A message with `seq` is durable: it is on the daemon's disk before it",
            "is sent, and is sent again after every reconnect until the hub has committed it.\n",
            "## Daemon → hub\n",
            *(line for tag, cls in TO_HUB.items() for line in _message(tag, cls)),
            "## Hub → daemon\n",
            *(line for tag, cls in TO_DAEMON.items() for line in _message(tag, cls)),
            "## Shapes inside them\n",
            *(line for cls in _shapes(TO_HUB, TO_DAEMON) for line in _message(cls.__name__, cls)),
        ]
    )


def dashboard() -> str:
    return "\n".join(
        [
            NOTE.format(source="protocol/corral_protocol/viewers.py"),
            "# The messages of `/ws/dashboard`\n",
            "JSON text frames, told apart by `type`; terminals also speak in binary frames. A viewer is told of what",
            "it may read by the API. Nothing here is the only copy of anything: the socket says what is news, the API",
            "what is true.\n",
            "1. Connect, send `auth`, wait for `auth_ok`. Then read by the API what you show, and put each message in",
            "   the place of what you have. After every reconnect, and whenever `resync` comes, read all of it again.",
            "2. Without `runs_watch` you hear of runs as wholes: begun, moved on, ended. To show the nodes of a run,",
            "   send `runs_watch` with its id, wait for `runs_watched`, then read `GET /api/v1/runs/{id}`.",
            "3. What is told of a run has a `number` that only grows, and so has the run that is read: a message with",
            "   a lower one than what you have is older than it.\n",
            "## Viewer → hub\n",
            *_message("auth", ViewerAuth),
            *(line for tag, cls in FROM_VIEWER.items() for line in _message(tag, cls)),
            "## Hub → viewer\n",
            *(line for tag, cls in TO_VIEWER.items() for line in _message(tag, cls)),
            "## Shapes inside them\n",
            *(line for cls in _shapes(TO_VIEWER) for line in _message(cls.__name__, cls)),
        ]
    )


def _shapes(*tables: Mapping[str, type[Any]]) -> Iterator[type[Any]]:
    """The dataclasses that messages are made of, each once, in the order in which a reader meets them."""
    todo: list[Any] = [cls for table in tables for cls in table.values()]
    met = set(todo)
    while todo:
        for hint in get_type_hints(todo.pop(0)).values():
            for kind in (hint, *get_args(hint)):
                if dataclasses.is_dataclass(kind) and kind not in met:
                    met.add(kind)
                    todo.append(kind)
                    yield cast(type[Any], kind)


def _message(name: str, cls: type[Any]) -> Iterator[str]:
    yield f"### `{name}`\n"
    if doc := _doc(cls):
        yield f"{doc}\n"
    if fields := dataclasses.fields(cls):
        yield "| field | type | |"
        yield "|---|---|---|"
        hints = get_type_hints(cls)
        yield from (f"| `{field.name}` | {_named(hints[field.name])} | {_presence(field)} |" for field in fields)
        yield ""


def _presence(field: Any) -> str:
    required = field.default is field.default_factory is dataclasses.MISSING
    return "required" if required else ""


def words() -> str:
    return "\n".join(
        [
            NOTE.format(source="protocol/corral_protocol/vocabulary.py"),
            "# Words on the wire and in the database\n",
            "New ones are added at the end; none is ever renamed or taken out.\n",
            *(line for cls in vars(vocabulary).values() if _is_words(cls) for line in _word_list(cls)),
        ]
    )


def _is_words(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Enum) and cls.__module__ == vocabulary.__name__


def _word_list(cls: type[Enum]) -> Iterator[str]:
    yield f"## {_spaced(cls.__name__)}\n"
    if doc := _doc(cls):
        yield f"{doc}\n"
    yield " · ".join(f"`{word.value}`" for word in cls) + "\n"


def _named(kind: Any) -> str:
    """A type as a reader of JSON would name it."""
    if kind is Any:
        return "any JSON"
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return " or ".join("null" if part is type(None) else _named(part) for part in inner)
    if origin is tuple:
        return f"array of {_named(inner[0])}"
    if origin is not None:
        return f"object of {_named(inner[1])}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"[{_spaced(kind.__name__)}](words.md#{_spaced(kind.__name__).replace(' ', '-')})"
    return {str: "string", int: "integer", float: "number", bool: "boolean"}.get(kind) or _linked(kind.__name__)


def _linked(shape: str) -> str:
    return f"[{shape}](#{shape.lower()})"


def _doc(cls: type[Any]) -> str:
    """The docstring, if somebody wrote one: dataclasses and enums make up their own."""
    text = cls.__dict__.get("__doc__") or ""
    return "" if text.startswith(f"{cls.__name__}(") else inspect.cleandoc(text)


def _spaced(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def _listed(statuses: Any) -> str:
    return ", ".join(f"`{status.value}`" for status in TaskStatus if status in statuses)


def main() -> None:
    """Write what has changed; say what was written."""
    for path, text in pages().items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            sys.stdout.write(f"wrote {path.relative_to(HERE.parent)}\n")


if __name__ == "__main__":
    main()
