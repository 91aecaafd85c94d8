"""A hub with something of everything: what screenshots show and what hostile text is put into."""

import itertools
import json
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from tests.acceptance.world import World
from tests.conftest import at

SLEEP = {"kind": "command", "shell": "echo begun; sleep 600"}
SCHEMA = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}
SPEC = """## Goal

Generate the **client** for the checkout service from its OpenAPI document.

- keep the public names
- `pytest` must pass

| field | type |
|---|---|
| id | string |
"""


def tasks(world: World) -> dict[str, str]:
    """Create tasks in every state that matters; return their ids by what they are."""
    made: dict[str, str] = {}
    api = {"contracts": [{"key": "api", "schema": SCHEMA}]}
    result = json.dumps({"contracts": {"api": {"url": "https://api.example.org"}}})
    done = {"kind": "command", "shell": f"echo 'writing the document'; echo '{result}' > $CORRAL_RESULT"}
    made["done"] = world.create("Describe the checkout API", done, structured_spec={**api, "run": done})
    world.until(made["done"], "done")
    made["running"] = world.create(
        "Generate the client", SLEEP, spec=SPEC, priority="high",
        acceptance_criteria=["the client compiles", "its tests pass"],
        dependencies=[{"depends_on_task_id": made["done"], "dependency_type": "input", "contract_key": "api"}],
    )  # fmt: skip
    made["pending"] = world.create("Publish the client", SLEEP, dependencies=[{"depends_on_task_id": made["running"]}])
    made["failed"] = world.create(
        "Migrate the old orders", {"kind": "command", "shell": "echo 'no such table' >&2; exit 3"}
    )
    world.until(made["failed"], "failed")
    made["plan"] = by_hand(world, "Rewrite the search", require_plan=True)
    world.post(f"/tasks/{made['plan']}/plan", {"plan": "1. Measure the queries\n2. Add the index\n3. Measure again"})
    made["help"] = by_hand(world, "Choose a payment provider")
    question = {"question": "Which provider should I use, **Adyen** or **Stripe**?", "intervention_type": "question"}
    world.post(f"/tasks/{made['help']}/help", question)
    made["review"] = by_hand(world, "Update the changelog")
    world.post(f"/tasks/{made['review']}/review", {"result": "Two entries added."})
    made["impossible"] = world.create(
        "Build for a machine that nobody has",
        SLEEP,
        structured_spec={"run": SLEEP, "requires": {"languages": ["cobol"]}},
    )
    return made


def by_hand(world: World, title: str, **assign: Any) -> str:
    """A task that a person has begun."""
    id = world.post("/tasks", {"title": title})["id"]
    world.post(f"/tasks/{id}/assign", assign)
    if not assign.get("require_plan"):  # one that has to plan first has begun with that
        world.post(f"/tasks/{id}/start")
    return str(id)


def step(id: str, type: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": id, "type": type, "parameters": parameters, **more}


def chain(*steps: dict[str, Any]) -> dict[str, Any]:
    """A workflow of a start and nodes one behind the other."""
    nodes = [step("start", "start", {}), *steps]
    edges = [{"source": one["id"], "target": next["id"]} for one, next in itertools.pairwise(nodes)]
    return {"nodes": nodes, "edges": edges}


RELEASE = chain(
    step("build", "shell", {"command": "echo 'compiling 214 files'; echo 'all tests pass'"}),
    step("ask", "approval", {"question": "Ship it to the customers?"}),
    step("ship", "shell", {"command": "echo shipped"}),
)
MIGRATION = chain(
    step("backup", "shell", {"command": "echo kept"}),
    step("migrate", "shell", {"command": "sleep 600"}, timeout=0.5),
    step("tell", "console", {"logMode": "all"}),
)


def runs(world: World) -> dict[str, str]:
    """Make runs in every state that matters; return their ids by what they are."""
    made: dict[str, str] = {}
    made["workflow"] = str(world.post("/workflows", {"name": "Release", "definition": RELEASE, "publish": True})["id"])
    made["completed"] = _run(world, made["workflow"])
    world.eventually(lambda: _node(world, made["completed"], "ask") == "waiting", "the run asks")
    world.post(f"/runs/{made['completed']}/nodes/ask/answer", {"approved": True, "comment": "go"})
    _ended(world, made["completed"])
    made["waiting"] = _run(world, made["workflow"])
    world.eventually(lambda: _node(world, made["waiting"], "ask") == "waiting", "the run asks")
    nightly = {"name": "Nightly migration", "definition": MIGRATION, "publish": True}
    made["failed"] = _run(world, str(world.post("/workflows", nightly)["id"]))
    _ended(world, made["failed"])
    world.eventually(lambda: world.get("/dead-letters")["dead_letters"], "the dead letter is there")
    made["letter"] = str(world.get("/dead-letters")["dead_letters"][0]["id"])
    return made


def _run(world: World, workflow: str) -> str:
    return str(world.post(f"/workflows/{workflow}/runs", {})["id"])


def _node(world: World, run: str, key: str) -> str | None:
    return next((node["status"] for node in world.get(f"/runs/{run}")["nodes"] if node["key"] == key), None)


def _ended(world: World, run: str) -> None:
    world.eventually(lambda: world.get(f"/runs/{run}")["finished_at"], "the run ends")


def pages(world: World) -> dict[str, str]:
    """Fill a hub; return the address of every page by its name."""
    made, ran = tasks(world), runs(world)
    shell = ["bash", "--noprofile", "--norc", "-i"]
    session = world.post("/sessions", {"server": "one", "name": "Repair the build", "argv": shell})["id"]
    world.eventually(lambda: world.get(f"/sessions/{session}")["status"] == "running", "the session runs")
    parts = ("projects", "users", "tokens", "keys", "audit")
    return {
        "inbox": "/", "board": "/tasks", "list": "/tasks?view=list", "graph": "/tasks?view=graph",
        "new-task": "/tasks/new", "task": f"/tasks/{made['running']}", "plan": f"/tasks/{made['plan']}",
        "contracts": f"/tasks/{made['done']}?tab=contracts", "output": f"/tasks/{made['failed']}?tab=output",
        "activity": f"/tasks/{made['running']}?tab=activity", "placement": f"/tasks/{made['impossible']}?tab=placement",
        "fleet": "/servers", "server": "/servers/one", "join": "/servers/join", "terminals": "/terminals",
        "terminal": f"/terminals/{session}", "workflows": "/workflows", "workflow": f"/workflows/{ran['workflow']}",
        "runs": "/runs", "run": f"/runs/{ran['waiting']}", "timeline": f"/runs/{ran['completed']}?tab=timeline",
        "dead-letters": "/dead-letters", "letter": f"/dead-letters?letter={ran['letter']}", "gone": "/nothing-here",
        **{f"settings-{part}": f"/settings/{part}" for part in parts},
    }  # fmt: skip


async def multiply(url: str, task: str, count: int) -> None:
    """Copy a task's row; each copy is a second older than the one before."""
    connection = await asyncpg.connect(at(url, make_url(url).database or ""))
    try:
        names = [row["column_name"] for row in await connection.fetch(COLUMNS)]
        values = ", ".join(OTHERWISE.get(name, f"t.{name}") for name in names)
        await connection.execute(
            f"insert into tasks ({', '.join(names)}) select {values} from tasks t, generate_series(1, $2::int) i"
            " where t.id = $1",
            task,
            count,
        )
        await connection.execute("vacuum analyze tasks")
    finally:
        await connection.close()


COLUMNS = """select column_name from information_schema.columns
    where table_name = 'tasks' and is_generated = 'NEVER'"""
OTHERWISE = {
    "id": "gen_random_uuid()",
    "title": "'task ' || i",
    "client_key": "null",
    "created_at": "t.created_at - i * interval '1 second'",
}
