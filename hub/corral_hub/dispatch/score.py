"""Scoring (seed: "Capability Matching & Auto-Assignment"), as a table of named rules. Pure.

Hard rules remove a server, soft rules add to its score; weights are the seed's. Rules the seed lacks (project, pin,
admission, agent, nodes, daemon) weigh nothing: they only remove.
"""

from collections.abc import Callable

from corral_hub.dispatch.model import Part, ServerView, Verdict, Wanted

Answer = tuple[bool, int, str]
"""(passed, score, detail)"""


def _project(wanted: Wanted, server: ServerView) -> Answer:
    fits = server.project_id in (None, wanted.project_id)
    return fits, 0, "serves this project" if fits else "serves another project only"


def _daemon(wanted: Wanted, server: ServerView) -> Answer:
    fits = server.managed or not wanted.managed
    return fits, 0, "runs units" if server.managed else "an older agent: hosts sessions, runs no units"


def _admission(_: Wanted, server: ServerView) -> Answer:
    if server.cordoned:
        return False, 0, "cordoned: takes no new work"
    if server.draining:
        return False, 0, "draining: finishes what it has, takes no new work"
    return True, 0, "takes work"


def _pin(wanted: Wanted, server: ServerView) -> Answer:
    pin = wanted.requirements.server
    fits = pin is None or pin in (server.name, str(server.id))
    return fits, 0, "not pinned" if pin is None else f"pinned to {pin}"


def _repo(wanted: Wanted, server: ServerView) -> Answer:
    repo = wanted.requirements.repo
    if repo is None:
        return True, 0, "no repository required"
    fits = repo in server.capabilities.repos
    return fits, 100 if fits else 0, f"{'has' if fits else 'lacks'} repository {repo}"


def _languages(wanted: Wanted, server: ServerView) -> Answer:
    missing = set(_lower(wanted.requirements.languages)) - set(server.capabilities.languages)
    if not wanted.requirements.languages:
        return True, 0, "no language required"
    return not missing, 0 if missing else 50, f"lacks {_names(missing)}" if missing else "has every language"


def _environments(wanted: Wanted, server: ServerView) -> Answer:
    asked = set(_lower(wanted.requirements.environments))
    if not asked:
        return True, 0, "no environment required"
    found = asked & set(server.capabilities.environments)
    return bool(found), 30 if found else 0, f"has {_names(found)}" if found else f"has none of {_names(asked)}"


def _agent(wanted: Wanted, server: ServerView) -> Answer:
    name = wanted.requirements.agent
    if name is None:
        return True, 0, "no agent CLI required"
    fits = any(agent.name == name for agent in server.capabilities.agents)
    return fits, 0, f"{'has' if fits else 'lacks'} agent CLI {name}"


def _nodes(wanted: Wanted, server: ServerView) -> Answer:
    known = {name for node in server.capabilities.nodes for name in (node.type, *node.aliases)}
    missing = set(wanted.requirements.nodes) - known
    return not missing, 0, f"cannot run {_names(missing)}" if missing else "runs every node type asked for"


def _tools(wanted: Wanted, server: ServerView) -> Answer:
    found = set(_lower(wanted.requirements.tools)) & set(server.capabilities.tools)
    return True, 10 * len(found), f"tools: {_names(found)}"


def _tags(wanted: Wanted, server: ServerView) -> Answer:
    found = set(_lower(wanted.requirements.tags)) & set(server.capabilities.tags)
    return True, 5 * len(found), f"tags: {_names(found)}"


def _preferred(wanted: Wanted, server: ServerView) -> Answer:
    fits = wanted.requirements.prefer_server == server.name
    return True, 200 if fits else 0, "preferred" if fits else "not the preferred one"


def _online(_: Wanted, server: ServerView) -> Answer:
    return True, 25 if server.connected else 0, "online" if server.connected else "offline"


def _capacity(_: Wanted, server: ServerView) -> Answer:
    return True, 50 if server.free else 0, f"{server.used} of {server.maximum} slots used"


Rule = Callable[[Wanted, ServerView], Answer]
HARD: tuple[tuple[str, Rule], ...] = (
    ("project", _project),
    ("daemon", _daemon),
    ("admission", _admission),
    ("pin", _pin),
    ("repo", _repo),
    ("languages", _languages),
    ("environments", _environments),
    ("agent", _agent),
    ("nodes", _nodes),
)
SOFT: tuple[tuple[str, Rule], ...] = (
    ("tools", _tools),
    ("tags", _tags),
    ("prefer_server", _preferred),
)
LIVE: tuple[tuple[str, Rule], ...] = (("online", _online), ("capacity", _capacity))
"""Soft rules whose answer changes from moment to moment; the others can be ranked once for each capability version."""


def judge(wanted: Wanted, server: ServerView) -> Verdict:
    """Return every rule's part and the verdict on one server."""
    parts = tuple(
        Part(rule=name, hard=hard, passed=answer[0], score=answer[1], detail=answer[2])
        for hard, rules in ((True, HARD), (False, SOFT), (False, LIVE))
        for name, rule in rules
        for answer in (rule(wanted, server),)
    )
    eligible = all(part.passed for part in parts)
    return Verdict(
        server=server,
        parts=parts,
        eligible=eligible,
        placeable=eligible and server.connected and server.free,
        score=sum(part.score for part in parts) if eligible else 0,
    )


def standing(wanted: Wanted, server: ServerView) -> int | None:
    """Return the part of the score that does not change with load and presence; None if a hard rule removes it."""
    total = 0
    for _, rule in HARD + SOFT:
        passed, score, _ = rule(wanted, server)
        if not passed:
            return None
        total += score
    return total


def preference(verdict: Verdict) -> tuple[float, float, str, str]:
    """Sort key, best first: highest score, then the least loaded, then by name, so that a choice can be repeated."""
    server = verdict.server
    return (-verdict.score, server.used / max(server.maximum, 1), server.name, str(server.id))


def best(wanted: Wanted, servers: list[ServerView]) -> Verdict | None:
    """Return the verdict on the server that gets the work, or None. The plain definition of Fleet.choose."""
    verdicts = [verdict for server in servers if (verdict := judge(wanted, server)).placeable]
    return min(verdicts, key=preference, default=None)


def _lower(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)


def _names(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
