"""Fleets and requirements as hypothesis strategies, from few words so that they often match."""

import json
from typing import Any

from hypothesis import strategies as st

from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import ServerView, Wanted
from corral_hub.tasks.explain import views_then
from corral_protocol.capabilities import AgentCli, Capabilities, NodeManifest
from corral_protocol.codec import encode
from corral_protocol.run import Requirements
from tests.hub.samples import ELSEWHERE, PROJECT, new_id

NAMES = ("anvil", "bellows", "crucible", "drill")


def some(*words: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), unique=True, max_size=len(words)).map(tuple)


def rarely(value: Any, mostly: Any) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).map(lambda dice: value if dice == 0 else mostly)


capabilities = st.builds(
    Capabilities,
    repos=some("shop", "site").map(lambda names: {name: f"/src/{name}" for name in names}),
    languages=some("python", "go", "c"),
    environments=some("docker", "bare"),
    tools=some("git", "make"),
    tags=some("gpu", "eu"),
    agents=some("aider", "echo").map(lambda names: tuple(AgentCli(name=name) for name in names)),
    nodes=some("clone", "fetch").map(lambda names: tuple(NodeManifest(type=name) for name in names)),
)

servers = st.builds(
    ServerView,
    id=st.builds(new_id),
    name=st.sampled_from(NAMES),
    version=st.integers(1, 3),
    capabilities=capabilities,
    project_id=st.sampled_from([None, None, PROJECT, ELSEWHERE]),
    connected=rarely(False, True),
    managed=rarely(False, True),
    cordoned=rarely(True, False),
    draining=rarely(True, False),
    maximum=st.integers(0, 3),
    used=st.integers(0, 3),
)

fleets = st.lists(servers, max_size=len(NAMES), unique_by=lambda view: view.name)

requirements = st.builds(
    Requirements,
    repo=rarely("shop", None),
    languages=rarely(("Python",), ()),
    environments=rarely(("docker", "bare"), ()),
    tools=some("git", "make"),
    tags=some("gpu", "EU"),
    prefer_server=st.sampled_from([None, *NAMES]),
    server=rarely("anvil", None),
    agent=rarely("echo", None),
    nodes=rarely(("clone",), ()),
)

wanteds = st.builds(Wanted, requirements=requirements, project_id=st.just(PROJECT), managed=rarely(False, True))


def fleet_of(views: list[ServerView]) -> Fleet:
    fleet = Fleet()
    for view in views:
        fleet.put(view)
    return fleet


def as_then(members: str, loads: bytes, views: list[ServerView]) -> list[ServerView]:
    """Return the fleet as `explain` reads it back: through JSON, with the capability vectors that are stored."""
    vectors = {(str(view.id), view.version): encode(view.capabilities) for view in views}
    stored = {key: json.loads(json.dumps(vector)) for key, vector in vectors.items()}
    return views_then(json.loads(members), stored, loads)
