"""Why this host, why not that one, why still waiting: recomputed from what was stored with the decision. Pure."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from corral_hub.answers import AnObject, Id, Moment, WordOf
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.loads import read_loads
from corral_hub.dispatch.model import ServerView, Verdict, Wanted
from corral_hub.dispatch.score import judge, preference
from corral_hub.tasks.model import Edge, Task, Unit, Why
from corral_hub.tasks.shapes import WhyView
from corral_hub.tasks.views import why_json
from corral_protocol.capabilities import Capabilities
from corral_protocol.codec import decode, encode
from corral_protocol.run import Requirements
from corral_protocol.vocabulary import LIVE, Reason, TaskStatus


class Hindrance(TypedDict):
    """One reason, machine-readable: a code, words, and what it refers to (ids, names of servers)."""

    code: Annotated[str, WordOf(Reason)]
    detail: str
    refs: list[str]
    since: NotRequired[Moment]


class RulePart(TypedDict):
    """One rule's judgement of one server."""

    rule: str
    kind: Literal["hard", "soft"]
    score: int
    passed: bool
    detail: str


class JudgedServer(TypedDict):
    """`eligible`: it passes every hard rule. `placeable`: it is also there, and has room."""

    server_id: Id
    name: str
    eligible: bool
    placeable: bool
    score: int
    parts: list[RulePart]


class Decision(TypedDict):
    """`chosen` is null where the server must not be seen by who asks."""

    chosen: str | None
    server_id: Id
    score: int | None
    at: Moment
    epoch: int


class Explanation(TypedDict):
    """Why this host, why not that one, why still waiting. `recomputed_equal`: judged again, it comes out the same."""

    task_id: Id
    status: Annotated[str, WordOf(TaskStatus)]
    reason: WhyView | None
    requirements: AnObject
    decision: Decision | None
    servers: list[JudgedServer]
    waiting: list[Hindrance]
    recomputed_equal: bool | None


def views_then(
    members: list[Mapping[str, Any]], vectors: Mapping[tuple[str, int], Any], loads: bytes
) -> list[ServerView]:
    """Return the servers as they were when the decision was made."""
    used = read_loads(loads)
    return [
        ServerView(
            id=UUID(member["server_id"]),
            name=member["name"],
            version=member["version"],
            capabilities=decode(Capabilities, vectors.get((member["server_id"], member["version"]), {})),
            project_id=UUID(member["project_id"]) if member["project_id"] else None,
            connected=member["connected"],
            managed=member["managed"],
            cordoned=member["cordoned"],
            draining=member["draining"],
            maximum=member["maximum"],
            used=used[index],
        )
        for index, member in enumerate(members)
    ]


def decision(task: Task, unit: Unit, then: list[ServerView]) -> Explanation:
    """Explain a stored placement: every server judged again on the stored inputs."""
    wanted = Wanted(
        requirements=decode(Requirements, unit.requirements or {}), project_id=task.project_id, managed=unit.managed
    )
    verdicts = _ranked(wanted, then)
    chosen = next((verdict for verdict in verdicts if verdict.server.id == unit.server_id), None)
    return {
        "task_id": str(task.id),
        "status": task.status.value,
        "reason": why_json(task.reason),
        "requirements": unit.requirements or {},
        "decision": {
            "chosen": chosen.server.name if chosen else None,
            "server_id": str(unit.server_id),
            "score": unit.score,
            "at": unit.offered_at.isoformat(),
            "epoch": unit.epoch,
        },
        "servers": [_verdict(verdict) for verdict in verdicts],
        "waiting": [],
        "recomputed_equal": chosen is not None and chosen.score == unit.score,
    }


def waiting(task: Task, edges: Iterable[tuple[Edge, Task]], servers: list[ServerView], wanted: Wanted) -> Explanation:
    """Explain a task that has no placement now: every reason, and every server as it stands."""
    verdicts = _ranked(wanted, servers)
    return {
        "task_id": str(task.id),
        "status": task.status.value,
        "reason": why_json(task.reason),
        "requirements": encode(wanted.requirements),
        "decision": None,
        "servers": [_verdict(verdict) for verdict in verdicts],
        "waiting": reasons(task, edges, verdicts),
        "recomputed_equal": None,
    }


def reasons(task: Task, edges: Iterable[tuple[Edge, Task]], verdicts: list[Verdict]) -> list[Hindrance]:
    """Return every reason why a live task is not going on, machine-readable."""
    if task.status not in LIVE or task.status is TaskStatus.RUNNING:
        return []
    found = [_upstream(edge, upstream) for edge, upstream in edges if edge.blocking]
    if task.status is not TaskStatus.PENDING:
        return [*found, _kept(task.reason)] if task.reason else found
    if not task.auto:
        return [*found, _reason(Reason.MANUAL, "run by hand: it starts when somebody assigns and starts it")]
    if task.not_before is not None:
        found.append(_reason(Reason.RETRY_BACKOFF, f"not before {task.not_before.isoformat()}"))
    return [*found, *_placement(verdicts)]


def pending(task: Task, fleet: Fleet, wanted: Wanted) -> Hindrance | None:
    """Return why a pending task waits, in one reason, from what is at hand; `waiting` is the whole answer."""
    if task.status is not TaskStatus.PENDING:
        return None
    if task.waiting_on:
        return _reason(Reason.UPSTREAM_PENDING, f"waits for {task.waiting_on} unresolved dependencies")
    if not task.auto:
        return _reason(Reason.MANUAL, "run by hand: it starts when somebody assigns and starts it")
    if not fleet.can_ever(wanted):
        return _reason(Reason.NO_SERVER_MATCHES, "no enrolled server passes every hard rule")
    return _reason(Reason.NO_CAPACITY, "every server that fits is busy or offline")


def _kept(why: Why) -> Hindrance:
    return {"code": why.code.value, "detail": why.detail, "since": why.since.isoformat(), "refs": list(why.refs)}


def _placement(verdicts: list[Verdict]) -> list[Hindrance]:
    eligible = [verdict for verdict in verdicts if verdict.eligible]
    names = [verdict.server.name for verdict in eligible]
    if not eligible:
        return [_reason(Reason.NO_SERVER_MATCHES, "no enrolled server passes every hard rule")]
    if not any(verdict.server.connected for verdict in eligible):
        return [_reason(Reason.NO_SERVER_ONLINE, "every server that fits is offline", names)]
    if not any(verdict.placeable for verdict in eligible):
        return [_reason(Reason.NO_CAPACITY, "every server that fits is busy", names)]
    return []


def _upstream(edge: Edge, upstream: Task) -> Hindrance:
    over = upstream.status not in LIVE and upstream.status is not TaskStatus.DONE
    code = Reason.UPSTREAM_FAILED if over else Reason.UPSTREAM_PENDING
    what = f" for contract {edge.contract_key}" if edge.contract_key else ""
    return _reason(code, f"waits{what} on {upstream.title!r}, which is {upstream.status.value}", [str(upstream.id)])


def _reason(code: Reason, detail: str, refs: Iterable[str] = ()) -> Hindrance:
    return {"code": code.value, "detail": detail, "refs": list(refs)}


def _ranked(wanted: Wanted, servers: list[ServerView]) -> list[Verdict]:
    verdicts = (judge(wanted, server) for server in servers)
    return sorted(verdicts, key=lambda verdict: (not verdict.eligible, preference(verdict)))


def _verdict(verdict: Verdict) -> JudgedServer:
    return {
        "server_id": str(verdict.server.id),
        "name": verdict.server.name,
        "eligible": verdict.eligible,
        "placeable": verdict.placeable,
        "score": verdict.score,
        "parts": [
            {
                "rule": part.rule,
                "kind": "hard" if part.hard else "soft",
                "score": part.score,
                "passed": part.passed,
                "detail": part.detail,
            }
            for part in verdict.parts
        ],
    }
