"""What a batch must see is worked out without looking: a table of commands and the ids they need."""

from dataclasses import fields
from typing import Any, get_args

import pytest

from corral_hub.tasks import commands as cmd
from corral_hub.tasks.needs import Needs, work_out
from corral_protocol import to_hub
from corral_protocol.outcome import Outcome
from corral_protocol.vocabulary import DependencyType
from tests.hub.reporting import Spool
from tests.hub.samples import ADMIN, PROJECT, new_id, new_task

ID, OTHER, SERVER = new_id(), new_id(), new_id()
EDGE = cmd.EdgeDraft(id=new_id(), upstream=OTHER, kind=DependencyType.BLOCKS)
ABOUT: dict[str, Any] = {"task_id": ID, "principal": ADMIN}
SPOOL = (SERVER, "spool")

TABLE: list[tuple[cmd.Command, dict[str, set[Any]]]] = [
    (cmd.Look(), {}),
    (cmd.Create(task=new_task()), {}),
    (cmd.Create(task=new_task(client_key="k"), edges=(EDGE,)), {"tasks": {OTHER}, "keys": {(PROJECT, "k")}}),
    (cmd.Start(**ABOUT), {"tasks": {ID}, "open_units": {ID}}),
    (cmd.Cancel(**ABOUT, reason=""), {"tasks": {ID}, "open_units": {ID}, "downs": {ID}}),
    (
        cmd.Respond(**ABOUT, intervention_id=OTHER, response=""),
        {"tasks": {ID}, "open_units": {ID}, "interventions": {OTHER}},
    ),
    (
        cmd.AddDependency(**ABOUT, edge=EDGE),
        {"tasks": {ID, OTHER}, "open_units": {ID}, "ancestry": {OTHER}, "ups": {ID}},
    ),
    (cmd.RemoveDependency(**ABOUT, key=OTHER), {"tasks": {ID}, "open_units": {ID}, "ups": {ID}}),
    (Spool(SERVER).started(ID, 3), {"spools": {SPOOL}, "units": {(ID, 3)}, "tasks": {ID}}),
    (Spool(SERVER).finished(ID, 3), {"spools": {SPOOL}, "units": {(ID, 3)}, "tasks": {ID}, "downs": {ID}}),
    (cmd.OpenSpool(server_id=SERVER, spool_id="spool"), {"spools": {SPOOL}}),
    (cmd.Reconcile(server_id=SERVER, units=()), {"servers": {SERVER}}),
    (cmd.LoseServer(server_id=SERVER, detail=""), {"servers": {SERVER}}),
]


def as_dict(needs: Needs) -> dict[str, set[Any]]:
    return {field.name: value for field in fields(Needs) if (value := getattr(needs, field.name))}


@pytest.mark.parametrize(("command", "needed"), TABLE, ids=lambda value: type(value).__name__)
def test_each_command_names_what_it_needs(command: cmd.Command, needed: dict[str, set[Any]]) -> None:
    assert as_dict(work_out([command])) == needed


def test_the_table_has_every_kind_of_command() -> None:
    kinds = set(get_args(cmd.Command)) - {cmd.Request, cmd.ForGuest}
    assert kinds <= {type(command) for command, _ in TABLE}


def test_a_batch_needs_what_its_commands_need() -> None:
    together = as_dict(work_out([command for command, _ in TABLE]))
    assert together == {name: set().union(*(needed.get(name, ()) for _, needed in TABLE)) for name in together}


@pytest.mark.parametrize("kind", [cmd.ApprovePlan, cmd.ApproveReview, cmd.Complete, cmd.Fail, cmd.Cancel])
def test_what_can_end_a_task_needs_its_dependents(kind: type[cmd.Request]) -> None:
    assert kind.ends


@pytest.mark.parametrize("task_id", ["", "no id", str(ID)[1:], "x" * 10_000])
def test_an_id_that_is_none_needs_only_the_spool(task_id: str) -> None:
    message = to_hub.TaskFinished(seq=1, task_id=task_id, attempt=1, epoch=1, outcome=Outcome())
    assert as_dict(work_out([cmd.Report(server_id=SERVER, spool_id="spool", message=message)])) == {"spools": {SPOOL}}


def test_an_epoch_no_column_can_hold_is_not_looked_for() -> None:
    message = to_hub.TaskStarted(seq=1, task_id=str(ID), attempt=1, epoch=2**63)
    assert as_dict(work_out([cmd.Report(server_id=SERVER, spool_id="spool", message=message)])) == {"spools": {SPOOL}}
