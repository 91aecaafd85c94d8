"""What a viewer is sent for a fact: one line a fact in a table, one short function each. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from corral_hub.bus import facts as f
from corral_hub.text import stamp
from corral_protocol import happenings as h
from corral_protocol.codec import encode
from corral_protocol.viewers import Resync, SessionEvent, ToViewer
from corral_protocol.vocabulary import NodeStatus, RunStatus

Tellable = f.Shown | f.OfRun


def text(fact: Tellable | None) -> str:
    """Return the frame; None means that some facts were dropped."""
    return written(Resync() if fact is None else MESSAGES[type(fact)](fact))


def written(message: ToViewer) -> str:
    return orjson.dumps(encode(message)).decode()


def _task_event(fact: f.TaskEvent) -> ToViewer:
    return h.TaskEvent(
        event_type=fact.event_type,
        task_id=str(fact.task_id),
        project_id=str(fact.project_id),
        actor=fact.actor,
        at=_at(fact.at),
        details=fact.details,
    )


def _output(fact: f.OutputStored) -> ToViewer:
    content = fact.content.decode("utf-8", "replace")
    return h.TaskOutput(task_id=str(fact.task_id), server_id=_text(fact.server_id), stream=fact.stream, content=content)


def _session_event(fact: f.SessionEvent) -> ToViewer:
    return SessionEvent(
        event=fact.event,
        session_id=str(fact.session_id),
        server_id=str(fact.server_id),
        project_id=str(fact.project_id),
        task_id=_text(fact.task_id),
        actor=fact.actor,
        at=_at(fact.at),
        details=fact.details,
    )


def _run_event(fact: f.RunEvent) -> ToViewer:
    return h.RunEvent(**_plain(fact, status=RunStatus(fact.status)))


def _run_nodes(fact: f.NodesEvent) -> ToViewer:
    return h.RunNodes(**_plain(fact, nodes=tuple(map(_node_state, fact.nodes))))


def _progress(fact: f.ProgressEvent) -> ToViewer:
    return h.RunProgress(**_plain(fact))


def _lines(fact: f.LinesEvent) -> ToViewer:
    return h.RunLines(**_plain(fact))


def _node_state(fact: f.NodeState) -> h.NodeState:
    error = {"kind": fact.error[0], "message": fact.error[1]} if fact.error else None
    return h.NodeState(**_plain(fact, status=NodeStatus(fact.status), error=error))


def _server_event(fact: f.ServerEvent) -> ToViewer:
    return h.ServerEvent(**_plain(fact))


def _token_event(fact: f.TokenEvent) -> ToViewer:
    return h.TokenEvent(**_plain(fact))


def _workflow_event(fact: f.WorkflowEvent) -> ToViewer:
    return h.WorkflowEvent(**_plain(fact))


def _letter_event(fact: f.LetterEvent) -> ToViewer:
    return h.LetterEvent(**_plain(fact))


def _plain(fact: Any, **others: Any) -> dict[str, Any]:
    """Return the fields with ids and moments as text; `others` in the place of theirs."""
    return {name: _written(getattr(fact, name)) for name in fact.__slots__} | others


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    return str(value) if isinstance(value, UUID) else value


def _at(moment: datetime) -> str:
    return stamp(moment) or ""


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


MESSAGES: Final[Mapping[type[Tellable], Callable[[Any], ToViewer]]] = {
    f.TaskEvent: _task_event,
    f.OutputStored: _output,
    f.SessionEvent: _session_event,
    f.RunEvent: _run_event,
    f.NodesEvent: _run_nodes,
    f.ProgressEvent: _progress,
    f.LinesEvent: _lines,
    f.ServerEvent: _server_event,
    f.TokenEvent: _token_event,
    f.WorkflowEvent: _workflow_event,
    f.LetterEvent: _letter_event,
}
