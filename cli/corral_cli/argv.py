"""The command line, made regular before it is parsed: options of the whole program are accepted anywhere. Pure."""

from collections.abc import Sequence

FLAGS = frozenset({"--json", "-q", "--quiet", "--no-headers", "--no-color"})
VALUED = frozenset({"-o", "--output", "--columns", "--profile", "--hub-url", "--project"})
TAKES_VALUE = frozenset(
    {
        "--acceptance-criteria", "--action", "--actor", "--after", "--agent", "--assign", "--attempt", "--branch",
        "--category", "--client-key", "--comment", "--concurrency", "--config", "--content", "--context", "--contract",
        "--contract-key", "--count", "--cursor", "--cwd", "--depends-on", "--detach-keys", "--directory", "--email",
        "--env", "--error", "--expires-in", "--feedback", "--file", "--format", "--from", "--git-diff-stats", "--home",
        "--host", "--idle-limit", "--if-version", "--inline", "--input", "--inputs", "--key", "--limit", "--lines",
        "--lost-host", "--max-attempts", "--max-concurrent", "--model", "--name", "--node-type", "--note", "--offset",
        "--older-than", "--only", "--parameter", "--plan", "--plan-file", "--port", "--priority", "--prompt",
        "--question", "--reason", "--repo", "--requires", "--response", "--result", "--result-file", "--role",
        "--server", "--session", "--shell", "--size", "--spec", "--spec-file", "--speed", "--status", "--stream",
        "--structured-spec", "--target", "--task-id", "--timeout", "--title", "--to-file", "--trigger", "--type",
        "--until", "--workflow",
    }
)  # fmt: skip
"""Options of single commands that take the next word, whatever it looks like: `--content --json` stays a content.

A test walks all commands and fails when one is missing here.
"""

_GREEDY = frozenset({"--acceptance-criteria", "--depends-on"})
_GREEDY_COMMANDS = (("task", "create"), ("task", "update"))


def normalise(words: Sequence[str]) -> list[str]:
    """Return `words` with the program's own options moved to the front and repeated values spelled out.

    `task create --depends-on a b` (as the published client writes it) becomes `--depends-on a --depends-on b`.
    """
    front, rest = _hoist(words)
    return [*front, *_spread(rest)]


def wants_json(words: Sequence[str]) -> bool:
    """Tell from normalised words whether errors must be JSON too."""
    front, _ = _hoist(words)
    if "--json" in front:
        return True
    chosen = [following(front, at) for at, word in enumerate(front) if word.partition("=")[0] in ("-o", "--output")]
    return bool(chosen) and chosen[-1] in ("json", "ndjson")


def following(words: Sequence[str], at: int) -> str:
    """Return the value of the option at `at`: what stands behind its `=`, or the next word."""
    _, equals, value = words[at].partition("=")
    return value if equals else "".join(words[at + 1 : at + 2])


def _hoist(words: Sequence[str]) -> tuple[list[str], list[str]]:
    front: list[str] = []
    rest: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            return front, [*rest, *words[at:]]
        width = 2 if word in TAKES_VALUE or word in VALUED else 1
        own = word in FLAGS or word in VALUED or word.partition("=")[0] in VALUED
        (front if own else rest).extend(words[at : at + width])
        at += width
    return front, rest


def _spread(words: Sequence[str]) -> list[str]:
    if tuple(words[:2]) not in _GREEDY_COMMANDS:
        return list(words)
    result: list[str] = []
    greedy = ""
    fresh = False
    for at, word in enumerate(words):
        if word == "--":
            return [*result, *words[at:]]
        if word.startswith("-") and not fresh:
            greedy = word if word in _GREEDY else ""
            fresh = bool(greedy) or word in TAKES_VALUE
        elif greedy and not fresh:
            result.append(greedy)
        else:
            fresh = False
        result.append(word)
    return result
