"""Many tasks at once: one made by the hub, the others copied from its row by PostgreSQL."""

from bench.inprocess import ADMIN, Hub, new_task
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.model import TASK_COLUMNS

VARY = {
    "id": "gen_random_uuid()",
    "title": "'task ' || i",
    "created_at": "t.created_at - i * interval '1 second'",
    "status": "$3::text",
    "waiting_on": "case when $3::text = 'pending' and i % 10 >= $4::int then 1 else 0 end",
    "completed_at": "case when $3::text = 'done' then now() end",
}
LISTED = ", ".join(TASK_COLUMNS)
COPY = f"""
    insert into tasks ({LISTED})
    select {", ".join(VARY.get(name, f"t.{name}") for name in TASK_COLUMNS)}
    from tasks t, generate_series(1, $2::int) i where t.id = $1"""


async def fill(hub: Hub, count: int, status: str = "pending", ready_of_ten: int = 10) -> None:
    """Add `count` tasks, a second apart in age; of the pending ones so many of ten are ready, the others wait."""
    task, _ = await hub.reactor.ask(cmd.Create(task=new_task("the first"), principal=ADMIN))
    await hub.raw.execute(COPY, task.id, count - 1, status, ready_of_ten)
    if status != "pending":
        await hub.raw.execute("update tasks set status = $2 where id = $1", task.id, status)


async def settle(hub: Hub) -> None:
    """As a database is that has been running for a while: vacuumed, analysed, its pages written."""
    await hub.raw.execute("vacuum analyze")
    await hub.raw.execute("checkpoint")
