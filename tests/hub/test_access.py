"""Who may ask what: a table of principals and requests, and not one request left out of it."""

import pytest

from corral_hub.accounts.model import Machine, Principal, TaskAgent
from corral_hub.errors import Conflict, Forbidden, NotFound, Refused
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.access import JUDGEMENT, OPEN, WORK, check, check_answer, see
from corral_hub.tasks.model import Task
from corral_protocol.vocabulary import InterventionType
from tests.hub.samples import ADMIN, ELSEWHERE, PROJECT, VIEWER, agent, new_id, new_task, server

ANVIL, BELLOWS = server("anvil"), server("bellows")
MANAGEMENT = frozenset({cmd.Cancel, cmd.Update, cmd.Assign, cmd.AddDependency, cmd.RemoveDependency, cmd.Respond})
EVERY = [kind for kind in vars(cmd).values() if isinstance(kind, type) and cmd.Request in kind.__bases__]


def task_on_anvil(created_by: str = ADMIN.label) -> Task:
    task = new_task(created_by=created_by)
    return task.but(assigned_server_id=ANVIL.id, epoch=3)


def machine(project_id: object = None) -> Machine:
    return Machine(server_id=ANVIL.id, name="anvil", project_id=project_id)  # type: ignore[arg-type]


def answer(principal: Principal, kind: type[cmd.Request], task: Task) -> type[Refused] | None:
    try:
        check(principal, kind, task)
    except Refused as refusal:
        assert refusal.hint
        return type(refusal)
    return None


def answers(principal: Principal, task: Task, kinds: frozenset[type[cmd.Request]]) -> set[type[Refused] | None]:
    return {answer(principal, kind, task) for kind in kinds}


def test_every_request_is_in_the_table() -> None:
    assert set(EVERY) == WORK | JUDGEMENT | OPEN | MANAGEMENT
    assert len(EVERY) == len(WORK) + len(JUDGEMENT) + len(OPEN) + len(MANAGEMENT)


@pytest.mark.parametrize("kind", EVERY)
def test_admins_may_everything_viewers_nothing(kind: type[cmd.Request]) -> None:
    assert answer(ADMIN, kind, task_on_anvil()) is None
    assert answer(VIEWER, kind, task_on_anvil()) is Forbidden


def test_a_machine_works_on_what_is_assigned_to_it() -> None:
    elsewhere = task_on_anvil().but(assigned_server_id=BELLOWS.id)
    for known in (machine(), machine(PROJECT)):
        assert answers(known, task_on_anvil(), WORK | OPEN | MANAGEMENT) == {None}
        assert answers(known, task_on_anvil(), JUDGEMENT) == {Forbidden}
        assert answers(known, elsewhere, WORK) == {Conflict}
        assert answers(known, elsewhere, OPEN | MANAGEMENT) == {None}


def test_an_agent_works_on_its_own_task_while_its_epoch_is_the_newest() -> None:
    task = task_on_anvil()
    assert answers(agent(task), task, WORK | OPEN) == {None}
    assert answers(agent(task), task, JUDGEMENT | MANAGEMENT) == {Forbidden}
    assert answers(agent(task), task.but(epoch=4), WORK | OPEN | MANAGEMENT - {cmd.Respond}) == {Conflict}


def test_an_agent_manages_what_it_created_and_leaves_notes_to_others() -> None:
    own = task_on_anvil()
    child, other = new_task(created_by=agent(own).label), new_task()
    assert answers(agent(own), child, MANAGEMENT | OPEN) == {None}
    assert answers(agent(own), child, WORK | JUDGEMENT) == {Forbidden}
    assert answers(agent(own), other, OPEN) == {None}
    assert answers(agent(own), other, MANAGEMENT | WORK | JUDGEMENT) == {Forbidden}


STRANGERS = [machine(ELSEWHERE), TaskAgent(task_id=new_id(), project_id=ELSEWHERE, epoch=1)]


@pytest.mark.parametrize("stranger", STRANGERS, ids=["machine", "agent"])
def test_another_projects_tasks_do_not_exist(stranger: Principal) -> None:
    with pytest.raises(NotFound):
        see(stranger, task_on_anvil())
    assert answers(stranger, task_on_anvil(), frozenset(EVERY)) == {NotFound}


def test_people_and_machines_of_all_projects_see_everything() -> None:
    for principal in (ADMIN, VIEWER, machine()):
        see(principal, task_on_anvil())


@pytest.mark.parametrize("kind", InterventionType)
def test_agents_may_help_each_other_and_approve_nothing(kind: InterventionType) -> None:
    check_answer(ADMIN, kind)
    for other in (machine(), agent(task_on_anvil())):
        if kind is InterventionType.APPROVAL:
            with pytest.raises(Forbidden):
                check_answer(other, kind)
        else:
            check_answer(other, kind)
