"""Recorded histories of real runs: what happened, what `decide` made of it then, and what it makes of it now."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from corral_hub.workflows import facts as f
from corral_hub.workflows.decide import decide
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.reading import read_definition
from corral_hub.workflows.run import NodeRun, Run
from corral_protocol.codec import decode_tagged, encode

FOLDER = Path(__file__).with_name("golden")
Json = dict[str, Any]
_STORED = {"node_cached": f.Completed.TYPE}
"""The one event that the API calls by a name of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """`history`: rows as the API gives them. `steps`: what followed from each, `end`: every node at last."""

    what: str
    run_id: str
    definition: Json
    history: list[Json]
    steps: list[Json]
    end: Json

    @classmethod
    def read(cls, path: Path) -> "Recording":
        return cls(**json.loads(path.read_text()))

    @classmethod
    def of(cls, what: str, run_id: str, definition: Json, history: list[Json]) -> "Recording":
        """Return what `decide` makes of a history today, as something to keep."""
        empty = cls(what=what, run_id=run_id, definition=definition, history=history, steps=[], end={})
        steps, end = empty.replay()
        return cls(what=what, run_id=run_id, definition=definition, history=history, steps=steps, end=end)

    def write(self, path: Path) -> None:
        """One line a fact and a step: what changes is seen in a diff."""
        parts = [f"{json.dumps(name)}: {_lines(getattr(self, name))}" for name in self.__slots__]
        path.write_text("{" + ",\n".join(parts) + "}\n")

    def replay(self) -> tuple[list[Json], Json]:
        """Return (a step for each fact, the nodes at the end), as plain JSON."""
        definition, problems = read_definition(self.definition)
        assert [found for found in problems if not found.warning] == []
        graph, run, steps = Graph(definition), Run(id=self.run_id), list[Json]()
        for row in self.history:
            before = run
            fact = decode_tagged(f.FACTS, {"type": _STORED.get(row["type"], row["type"]), **row["fact"]})
            run, commands, _ = decide(graph, run, [fact], datetime.fromisoformat(row["at"]))
            said = [_plain({"do": type(command).__name__, **encode(command)}) for command in commands]
            steps.append({"run": run.status.value, "nodes": dict(_changed(before, run)), "commands": said})
        return steps, {key: _whole(node) for key, node in run.nodes.items()}

    def states(self) -> dict[str, tuple[str, int, str | None]]:
        """Return status, attempt and reason of every node at the end."""
        return {key: (node["status"], node["attempt"], node.get("why")) for key, node in self.end.items()}

    def outcome(self) -> dict[str, tuple[str, int, str | None]]:
        """Return what is the same each time: how often a machine is lost hangs on how busy the other ones are."""
        lost = f.Lost.TYPE in self.kinds()
        return {key: (status, 0 if lost else attempt, why) for key, (status, attempt, why) in self.states().items()}

    def kinds(self) -> set[str]:
        return {row["type"] for row in self.history}


def _changed(before: Run, after: Run) -> Iterator[tuple[str, Json]]:
    for key, node in after.nodes.items():
        if before.nodes.get(key) != node:
            yield key, _plain({"status": node.status, "attempt": node.attempt, "why": node.why})


def _whole(node: NodeRun) -> Json:
    return _plain({name: encode(value) for name, value in node._asdict().items() if value is not None})


def _plain(value: Mapping[str, Any]) -> Json:
    return json.loads(json.dumps(value, default=_text, sort_keys=True))


def _text(value: Any) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def _lines(value: Any) -> str:
    if isinstance(value, list):
        return "[\n " + ",\n ".join(json.dumps(item, ensure_ascii=False) for item in value) + "\n]"
    if isinstance(value, dict):
        rows = (f"{json.dumps(name)}: {json.dumps(item, ensure_ascii=False)}" for name, item in value.items())
        return "{\n " + ",\n ".join(rows) + "\n}"
    return json.dumps(value, ensure_ascii=False)
