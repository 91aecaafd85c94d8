"""Scoring: the seed's weights, hard rules that are never violated, and a choice that can be explained afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.loads import read_loads
from corral_hub.dispatch.model import Part, ServerView, Wanted
from corral_hub.dispatch.score import HARD, SOFT, best, judge, standing
from corral_protocol.capabilities import AgentCli, NodeManifest
from corral_protocol.run import Requirements
from tests.hub.fleets import as_then, fleet_of, fleets, wanteds
from tests.hub.samples import ELSEWHERE, PROJECT, server

SEED = [
    # requirement, hard, weight for a match, what is asked, what the server has
    ("repo", True, 100, {"repo": "shop"}, {"repos": {"shop": "/src/shop"}}),
    ("languages", True, 50, {"languages": ("python", "go")}, {"languages": ("python", "go", "c")}),
    ("environments", True, 30, {"environments": ("docker", "bare")}, {"environments": ("docker",)}),
    ("tools", False, 20, {"tools": ("git", "make", "uv")}, {"tools": ("git", "make")}),
    ("tags", False, 10, {"tags": ("gpu", "fast", "eu")}, {"tags": ("gpu", "eu")}),
    ("prefer_server", False, 200, {"prefer_server": "anvil"}, {}),
    ("online", False, 25, {}, {}),
    ("capacity", False, 50, {}, {}),
]
"""The seed's "Scoring Algorithm"; tools weigh 10 and tags 5 for each that matches."""


def ask(project_id: object = PROJECT, managed: bool = True, **requirements: object) -> Wanted:
    return Wanted(requirements=Requirements(**requirements), project_id=PROJECT, managed=managed)  # type: ignore[arg-type]


def part(wanted: Wanted, view: ServerView, rule: str) -> Part:
    return next(part for part in judge(wanted, view).parts if part.rule == rule)


@pytest.mark.parametrize(("rule", "hard", "weight", "asked", "has"), SEED)
def test_the_seeds_weights(
    rule: str, hard: bool, weight: int, asked: dict[str, object], has: dict[str, object]
) -> None:
    found = part(ask(**asked), server("anvil", **has), rule)
    assert (found.hard, found.passed, found.score) == (hard, True, weight)


@pytest.mark.parametrize("row", [row for row in SEED if row[1]], ids=lambda row: row[0])
def test_the_seeds_hard_rules_disqualify(row: tuple[str, bool, int, dict[str, object], dict[str, object]]) -> None:
    rule, _, _, asked, _ = row
    verdict = judge(ask(**asked), server("anvil"))
    assert not verdict.eligible and not verdict.placeable and verdict.score == 0
    assert [part.rule for part in verdict.parts if not part.passed] == [rule]


def test_all_languages_but_any_environment() -> None:
    assert not judge(ask(languages=("python", "go")), server(languages=("python",))).eligible
    assert judge(ask(environments=("docker", "bare")), server(environments=("bare",))).eligible


def test_names_match_whatever_their_case() -> None:
    view = server(languages=("python",), environments=("docker",), tools=("git",), tags=("gpu",))
    asked = ask(languages=("Python",), environments=("Docker",), tools=("GIT",), tags=("GPU",))
    assert judge(asked, view).score == 50 + 30 + 10 + 5 + 25 + 50


@pytest.mark.parametrize(
    ("rule", "wanted", "view"),
    [
        ("project", ask(), server(project_id=ELSEWHERE)),
        ("daemon", ask(), server(managed=False)),
        ("admission", ask(), server(cordoned=True)),
        ("admission", ask(), server(draining=True)),
        ("pin", ask(server="anvil"), server("bellows")),
        ("agent", ask(agent="claude_code"), server(agents=(AgentCli(name="aider"),))),
        ("nodes", ask(nodes=("git.clone",)), server(nodes=(NodeManifest(type="http.get"),))),
    ],
)
def test_rules_the_seed_lacks_only_remove(rule: str, wanted: Wanted, view: ServerView) -> None:
    assert [part.rule for part in judge(wanted, view).parts if not part.passed] == [rule]
    weights = {part.rule: part.score for part in judge(ask(), server()).parts if part.hard}
    assert weights[rule] == 0


def test_by_hand_needs_no_daemon() -> None:
    assert judge(ask(managed=False), server(managed=False)).eligible


def test_offline_or_full_is_eligible_but_not_placeable() -> None:
    offline, full = judge(ask(), server(connected=False)), judge(ask(), server(used=1))
    assert (offline.eligible, offline.placeable, offline.score) == (True, False, 50)
    assert (full.eligible, full.placeable, full.score) == (True, False, 25)


@given(fleets, wanteds)
def test_hard_rules_are_never_violated(views: list[ServerView], wanted: Wanted) -> None:
    chosen = fleet_of(views).choose(wanted)
    if chosen is None:
        return
    assert chosen.server in views
    for name, rule in HARD:
        assert rule(wanted, chosen.server)[0], name
    assert chosen.server.connected and chosen.server.free


@given(fleets, wanteds)
def test_the_fast_choice_is_the_plain_one(views: list[ServerView], wanted: Wanted) -> None:
    chosen, plain = fleet_of(views).choose(wanted), best(wanted, views)
    assert (chosen and (chosen.server, chosen.score)) == (plain and (plain.server, plain.score))


@given(fleets, wanteds)
def test_standing_is_the_score_without_the_moment(views: list[ServerView], wanted: Wanted) -> None:
    for view in views:
        verdict = judge(wanted, view)
        fixed = sum(part.score for part in verdict.parts if part.rule in {name for name, _ in HARD + SOFT})
        assert standing(wanted, view) == (fixed if verdict.eligible else None)


@given(fleets, wanteds)
def test_a_decision_is_recomputed_from_what_is_stored(views: list[ServerView], wanted: Wanted) -> None:
    fleet = fleet_of(views)
    chosen = fleet.choose(wanted)
    if chosen is None:
        return
    fleet_id, members = fleet.snapshot()
    assert chosen.fleet_id == fleet_id
    then = as_then(members, chosen.loads, views)
    again = best(wanted, then)
    assert again is not None
    assert (again.server.id, again.score) == (chosen.server.id, chosen.score)


@given(fleets, wanteds, st.data())
def test_a_choice_follows_load_presence_and_capabilities(
    views: list[ServerView], wanted: Wanted, data: st.DataObject
) -> None:
    """Whatever was ranked before, the next choice is made of what is true now."""
    fleet = fleet_of(views)
    now = {view.id: view for view in views}
    for _ in range(data.draw(st.integers(1, 6))):
        fleet.choose(wanted)
        _change(fleet, now, data)
        chosen, plain = fleet.choose(wanted), best(wanted, fleet.views())
        assert (chosen and chosen.server.id) == (plain and plain.server.id)
        assert {view.id: view.used for view in fleet.views()} == {id: view.used for id, view in now.items()}


def _change(fleet: Fleet, now: dict[object, ServerView], data: st.DataObject) -> None:
    if not now:
        return
    view = data.draw(st.sampled_from(sorted(now.values(), key=lambda view: view.name)))
    match data.draw(st.sampled_from(["take", "release", "put", "remove"])):
        case "take":
            fleet.take(view.id)
            now[view.id] = _with_used(view, view.used + 1)
        case "release":
            fleet.release(view.id)
            now[view.id] = _with_used(view, max(0, view.used - 1))
        case "put":
            other = data.draw(fleets.filter(bool))[0]
            now[view.id] = _with_used(_as(other, view), view.used)
            fleet.put(now[view.id])
        case _:
            fleet.remove(view.id)
            del now[view.id]


def _with_used(view: ServerView, used: int) -> ServerView:
    return ServerView(**{name: getattr(view, name) for name in ServerView.__dataclass_fields__} | {"used": used})


def _as(other: ServerView, view: ServerView) -> ServerView:
    """The same machine with the other's abilities."""
    fields = {name: getattr(other, name) for name in ServerView.__dataclass_fields__}
    return ServerView(**fields | {"id": view.id, "name": view.name})


def test_loads_are_read_back() -> None:
    views = [server(f"s{index}", maximum=9, used=index) for index in range(5)]
    chosen = fleet_of(views).choose(ask())
    assert chosen is not None
    assert sorted(read_loads(chosen.loads)) == [0, 1, 2, 3, 4]
    assert chosen.server.name == "s0"


def test_equal_fleets_share_a_snapshot() -> None:
    views = [server(f"s{index}") for index in range(3)]
    assert fleet_of(views).snapshot() == fleet_of(views[::-1]).snapshot()
    busy = fleet_of(views)
    before = busy.snapshot()
    busy.take(views[0].id)
    assert busy.snapshot() == before  # loads are stored with each decision, not with the fleet
    busy.put(server("s9"))
    assert busy.snapshot() != before
