"""What a batch of commands must see: the ids to load, worked out without looking. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from corral_hub.tasks import commands as cmd
from corral_hub.tasks.reports import unit_key
from corral_protocol.nodes import NodeFinished


@dataclass(slots=True)
class Needs:
    """Ids by kind. `downs`: tasks whose dependents are wanted too."""

    tasks: set[UUID] = field(default_factory=set)
    downs: set[UUID] = field(default_factory=set)
    units: set[tuple[UUID, int]] = field(default_factory=set)
    open_units: set[UUID] = field(default_factory=set)
    servers: set[UUID] = field(default_factory=set)
    spools: set[tuple[UUID, str]] = field(default_factory=set)
    keys: set[tuple[UUID, str]] = field(default_factory=set)
    ups: set[UUID] = field(default_factory=set)
    ancestry: set[UUID] = field(default_factory=set)
    interventions: set[UUID] = field(default_factory=set)


def work_out(commands: Iterable[cmd.Command]) -> Needs:
    """Return everything these commands need loaded."""
    needs = Needs()
    for command in commands:
        match command:
            case cmd.Create():
                _of_create(needs, command)
            case cmd.Request():
                _of_request(needs, command)
            case cmd.Report():
                _of_report(needs, command)
            case cmd.OpenSpool():
                needs.spools.add((command.server_id, command.spool_id))
            case cmd.Reconcile() | cmd.LoseServer():
                needs.servers.add(command.server_id)
            case cmd.Look() | cmd.ForGuest():
                pass
    return needs


def _of_create(needs: Needs, command: cmd.Create) -> None:
    needs.tasks |= {edge.upstream for edge in command.edges}
    if command.task.client_key:
        needs.keys.add((command.task.project_id, command.task.client_key))


def _of_request(needs: Needs, command: cmd.Request) -> None:
    needs.tasks.add(command.task_id)
    needs.open_units.add(command.task_id)
    if command.ends:
        needs.downs.add(command.task_id)
    match command:
        case cmd.Respond():
            needs.interventions.add(command.intervention_id)
        case cmd.AddDependency():
            needs.tasks.add(command.edge.upstream)
            needs.ancestry.add(command.edge.upstream)
            needs.ups.add(command.task_id)
        case cmd.RemoveDependency():
            needs.ups.add(command.task_id)
        case _:
            pass


def _of_report(needs: Needs, command: cmd.Report) -> None:
    if isinstance(command.message, NodeFinished):
        return  # its attempt is its fence, in memory: nothing is to be locked, and what is saved is one statement
    needs.spools.add((command.server_id, command.spool_id))
    key = unit_key(command.message)
    if key is not None and -(2**63) <= key[1] < 2**63:
        needs.units.add(key)
        needs.tasks.add(key[0])
        if command.message.TYPE == "task_finished":
            needs.downs.add(key[0])
