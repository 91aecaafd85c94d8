"""Which triggers a definition has, and what is wrong with them. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from corral_hub.errors import Unprocessable
from corral_hub.triggers.clocks import Clock, read_clock
from corral_hub.triggers.hooks import read_hook
from corral_hub.triggers.model import Chat, Deployment, Settings, TaskEnd, Trigger, TriggerKind
from corral_hub.triggers.reading import BadTrigger, choice, text
from corral_hub.workflows.graph import Graph
from corral_protocol.capabilities import NodeManifest
from corral_protocol.codec import Json

Unarmed = BadTrigger
ARMED: Final = frozenset({TriggerKind.WEBHOOK, TriggerKind.CRON, TriggerKind.CHAT, TriggerKind.TASK})


def find_triggers(graph: Graph, catalogue: Mapping[str, NodeManifest], now: datetime) -> dict[str, Trigger]:
    """Return what is to be armed, by node id. Raises Unprocessable with every problem."""
    found: dict[str, Trigger] = {}
    problems: list[dict[str, str]] = []
    for index, node in enumerate(graph.definition.nodes):
        manifest = catalogue.get(node.type)
        if manifest is None or node.id not in graph.roots or node.disabled:
            continue
        try:
            kind = TriggerKind(manifest.trigger)
        except ValueError:  # no trigger, or one of a kind that a newer machine knows
            continue
        try:
            found[node.id] = _armed(node.id, kind, read_settings(kind, node.parameters, now), now)
        except BadTrigger as error:
            path = f"/nodes/{index}/parameters/{error.name}"
            problems.append({"path": path, "code": "bad_trigger", "problem": f"{error.name} {error}"})
    problems += _twice(found)
    if problems:
        first = problems[0]
        what = f"{len(problems)} problems; the first: {first['path']}: {first['problem']}"
        raise Unprocessable("invalid_trigger", what, "correct the trigger's parameters", problems=problems)
    if not any(trigger.kind in ARMED for trigger in found.values()):
        what = "there is no trigger to arm; runs of it are begun by hand"
        raise Unprocessable(
            "nothing_to_arm", what, "begin one: corral workflow run; or add a webhook, cron, chat or task trigger"
        )
    return found


def _armed(id: str, kind: TriggerKind, settings: Settings, now: datetime) -> Trigger:
    return Trigger(node_id=id, kind=kind, settings=settings, seen=now)


def _twice(found: Mapping[str, Trigger]) -> list[dict[str, str]]:
    paths = [trigger.path for trigger in found.values() if trigger.path is not None]
    return [
        {"path": "/nodes", "code": "path_taken", "problem": f"two webhooks have the path {path}"}
        for path in sorted({path for path in paths if paths.count(path) > 1})
    ]


def read_settings(kind: TriggerKind, parameters: Mapping[str, Json], now: datetime) -> Settings:
    """Raises BadTrigger."""
    return _READERS[kind](parameters, now)


def _chat(parameters: Mapping[str, Json], _: datetime) -> Chat:
    return Chat(session_id=text(parameters, "sessionId"))


def _task(parameters: Mapping[str, Json], _: datetime) -> TaskEnd:
    return TaskEnd(
        task_id=text(parameters, "task_id"),
        agent_name=text(parameters, "agent_name"),
        status=choice(parameters, "status_filter", "all", ("all", "completed", "error")),
        parent_node_id=text(parameters, "parent_node_id"),
    )


_READERS: Final[Mapping[TriggerKind, Callable[[Mapping[str, Json], datetime], Settings]]] = {
    TriggerKind.MANUAL: lambda _parameters, _now: None,
    TriggerKind.WEBHOOK: lambda parameters, _: read_hook(parameters),
    TriggerKind.CRON: read_clock,
    TriggerKind.CHAT: _chat,
    TriggerKind.TASK: _task,
}


def kept(old: Deployment | None, triggers: Mapping[str, Trigger]) -> dict[str, Trigger]:
    """Return the triggers with the clocks and counters of those that stay as they were."""
    before = old.triggers if old is not None else {}
    return {id: _kept(before.get(id), trigger) for id, trigger in triggers.items()}


def _kept(old: Trigger | None, new: Trigger) -> Trigger:
    if old is None or old.kind is not new.kind:
        return new
    same = old.settings == new.settings and isinstance(new.settings, Clock)
    return Trigger(
        node_id=new.node_id,
        kind=new.kind,
        settings=new.settings,
        seen=old.seen if same or new.kind is TriggerKind.TASK else new.seen,
        fires=old.fires,
        fired_at=old.fired_at,
    )
