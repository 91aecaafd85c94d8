"""A run played by hand: facts in, commands noted, nothing else. Time stands still unless a test moves it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from corral_hub.workflows import commands as c
from corral_hub.workflows import facts as f
from corral_hub.workflows.decide import decide
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.reading import read_definition
from corral_hub.workflows.run import Run
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass, NodeStatus

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def graph_of(*nodes: str | dict[str, Any], edges: str = "", **settings: Any) -> Graph:
    """Return a graph. A node is its id or its JSON; `edges`: "a>b b>c", with "b>c?" for `otherwise`."""
    written = [{"id": node, "type": "work"} if isinstance(node, str) else {"type": "work", **node} for node in nodes]
    given = [_edge(text) for text in edges.split()] + settings.pop("more", [])
    definition, problems = read_definition({"nodes": written, "edges": given, **settings})
    assert problems == []
    return Graph(definition)


def _edge(text: str) -> dict[str, Any]:
    ends, otherwise = (text[:-1], True) if text.endswith("?") else (text, False)
    source, target = ends.split(">")
    return {"source": source, "target": target, "otherwise": otherwise}


class Play:
    def __init__(self, graph: Graph, **begun: Any) -> None:
        self.graph = graph
        self.run = Run(id="r1")
        self.now = NOON
        self.commands: list[c.Command] = []
        self.executed: dict[str, c.Execute] = {}
        self.history: list[tuple[datetime, tuple[f.Fact, ...]]] = []
        self.feed(f.Begun(**begun))

    def feed(self, *facts: f.Fact) -> "Play":
        self.history.append((self.now, facts))
        before = self.run.nodes
        self.run, new, touched = decide(self.graph, self.run, facts, self.now)
        assert set(touched) == {key for key, run in self.run.nodes.items() if before.get(key) is not run}
        self.commands += new
        for command in new:
            if isinstance(command, c.Execute):
                self.executed[command.key] = command
        return self

    def complete(self, *keys: str, output: Any = None, handles: tuple[str, ...] | None = None) -> "Play":
        for key in keys:
            attempt = self.run.nodes[key].attempt
            self.feed(f.Completed(key=key, attempt=attempt, output=output, handles=handles))
        return self

    def fail(self, key: str, kind: ErrorClass = ErrorClass.EXIT_NONZERO) -> "Play":
        error = UnitError(kind=kind, message="no")
        return self.feed(f.Failed(key=key, attempt=self.run.nodes[key].attempt, error=error))

    def wait(self, seconds: float) -> "Play":
        self.now += timedelta(seconds=seconds)
        return self

    def replay(self) -> Run:
        """Return the run that the history gives from the beginning."""
        run = Run(id=self.run.id)
        for now, facts in self.history:
            run, _, _ = decide(self.graph, run, facts, now)
        return run

    @property
    def active(self) -> set[str]:
        return set(self.run.active)

    @property
    def statuses(self) -> dict[str, str]:
        return {key: run.status.value for key, run in self.run.nodes.items()}

    def of(self, status: NodeStatus) -> set[str]:
        return {key for key, run in self.run.nodes.items() if run.status is status}

    def said(self, kind: type[Any]) -> list[Any]:
        return [command for command in self.commands if isinstance(command, kind)]
