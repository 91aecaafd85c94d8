"""Look, decide, wait for news, look again: how `wait` and `logs -f` follow work on the hub."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from corral_cli import clock
from corral_cli.client import Client, segment
from corral_cli.errors import TimedOut, TryLater, Unreachable
from corral_cli.live import News
from corral_cli.lookup import is_uuid
from corral_cli.output import talk
from corral_cli.text import format_duration

T = TypeVar("T")


class Waiting(Protocol):
    def wait_for_news(self, seconds: float) -> None:
        """Return when it is time to look again, at the latest after `seconds`."""


def until(
    client: Client,
    task_ids: Sequence[str],
    look: Callable[[], T | None],
    *,
    timeout: float | None,
    missing: str,
    hint: str = "",
    news: AbstractContextManager[Waiting] | None = None,
) -> T:
    """Return the first answer of `look` that is not None. A hub that is away is waited for. Raises TimedOut.

    `missing` says for people what there is not yet, `hint` what to do then; timeout in seconds, None waits for ever.
    `news` wakes it; left out: what happens to these tasks.
    """
    began = clock.monotonic()
    away = False
    with news or News(client, task_ids) as waking:
        while True:
            try:
                answer = look()
                away = _say_back(away)
            except (Unreachable, TryLater) as error:
                if error.code == "not_a_hub":
                    raise
                answer, away = None, _say_away(away, error.message)
            if answer is not None:
                return answer
            left = None if timeout is None else timeout - (clock.monotonic() - began)
            if left is not None and left <= 0:
                raise TimedOut(f"{missing} after {format_duration(timeout or 0)}", hint=hint)
            waking.wait_for_news(60.0 if left is None else left)


def full_ids(client: Client, names: Sequence[str]) -> list[str]:
    """Return whole ids: the socket filters by them and is silent for a prefix. Raises what reading a task does."""
    return [name if is_uuid(name) else str(client.get(f"/tasks/{segment(name)}")["id"]) for name in names]


def read_tasks(client: Client, paths: Sequence[str]) -> list[dict[str, Any]]:
    """Return the tasks at these paths, whole."""
    return [client.get(path) for path in paths]


def _say_away(already: bool, message: str) -> bool:
    if not already:
        talk(f"{message}; waiting for it to come back")
    return True


def _say_back(was_away: bool) -> bool:
    if was_away:
        talk("the hub is back")
    return False
