"""What somebody sends as a definition, whatever wrote it, as ours: read, judged, and in its one written form. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from corral_hub.errors import Unprocessable
from corral_hub.workflows import views
from corral_hub.workflows.imports import automateos, machina
from corral_hub.workflows.model import Definition
from corral_hub.workflows.reading import Problem, write_definition
from corral_hub.workflows.validate import find_problems
from corral_protocol.capabilities import NodeManifest
from corral_protocol.codec import Json


class Format(StrEnum):
    """What wrote a definition."""

    CORRAL = "corral"
    MACHINA = "machina"
    AUTOMATEOS = "automateos"


@dataclass(frozen=True, slots=True)
class Draft:
    """`written`: the definition's JSON, or what was sent where that cannot be read."""

    definition: Definition
    written: Json
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        return all(problem.warning for problem in self.problems)

    def check(self) -> None:
        """Raise Unprocessable unless it can be published."""
        if not self.sound:
            errors = [problem for problem in self.problems if not problem.warning]
            first = errors[0]
            raise Unprocessable(
                "invalid_workflow",
                f"{len(errors)} problems; the first: {first.path or '/'}: {first.problem}",
                first.hint or "corral workflow validate names them all",
                problems=[views.problem(problem) for problem in self.problems],
            )


def digest(definition: Json) -> bytes:
    """Return what two definitions have in common if they are the same JSON; the order of names does not count."""
    return hashlib.sha256(orjson.dumps(definition, option=orjson.OPT_SORT_KEYS)).digest()


def read_draft(value: Mapping[str, Any], catalogue: Mapping[str, NodeManifest]) -> Draft:
    """Return what was sent, translated if it comes from elsewhere."""
    raw, notes = translated(value, catalogue)
    definition, problems = find_problems(raw, catalogue)
    unreadable = any(problem.code in ("malformed", "too_many") for problem in problems)
    written = raw if unreadable else write_definition(definition)
    return Draft(definition, written, (*notes, *problems))


def translated(value: Mapping[str, Any], catalogue: Mapping[str, NodeManifest]) -> tuple[Json, list[Problem]]:
    match format_of(value):
        case Format.AUTOMATEOS:
            return automateos.translate(value)
        case Format.MACHINA:
            return machina.translate(value, catalogue)
        case Format.CORRAL:
            return value, []


def format_of(value: Mapping[str, Any]) -> Format:
    """Return whose definition this looks like."""
    if automateos.recognises(value):
        return Format.AUTOMATEOS
    return Format.MACHINA if machina.recognises(value) else Format.CORRAL
