"""The echo agent's process: the prompt comes through stdin, the phase is the first argument."""

import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corral_daemon.agents.echo_script import Step, parse

_ANSWER_WITHIN = 30.0


class Exit(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Unheard(Exception):
    """The hub did not take what it was told."""


@dataclass(slots=True)
class Round:
    """What has come together so far; written to $CORRAL_RESULT at the end."""

    environment: Mapping[str, str]
    result: dict[str, Any] = field(default_factory=dict)
    contracts: dict[str, Any] = field(default_factory=dict)
    raw: str | None = None


def main() -> int:
    prompt = sys.stdin.read()
    environment = dict(os.environ)
    steps = parse(prompt, has_feedback="CORRAL_FEEDBACK" in environment)
    if sys.argv[1:2] == ["plan"]:
        return plan(steps, environment)
    return execute(steps, prompt, Round(environment))


def plan(steps: list[Step], environment: Mapping[str, str]) -> int:
    words = [str(step) for step in steps] or ["repeat the prompt"]
    write_result(environment, {"plan": {"summary": f"{len(words)} steps", "steps": words}})
    say("planned: " + "; ".join(words))
    return 0


def execute(steps: list[Step], prompt: str, doing: Round) -> int:
    try:
        for step in steps:
            ACTIONS[step.word](doing, step)
    except Exit as end:
        finish(doing, f"left with {end.code}")
        return end.code
    except Unheard as error:
        sys.stderr.write(f"{error}\n")
        finish(doing, "left with 1")
        return 1
    if not steps:
        say(prompt.rstrip())
    finish(doing, f"did {len(steps)} steps" if steps else "repeated the prompt")
    return 0


def finish(doing: Round, summary: str) -> None:
    contracts = {"contracts": doing.contracts} if doing.contracts else {}
    value: Any = {"summary": summary, **doing.result, **contracts}
    write_result(doing.environment, value, doing.raw)
    say(summary)


def write_result(environment: Mapping[str, str], value: Any, raw: str | None = None) -> None:
    path = environment.get("CORRAL_RESULT")
    if path:
        Path(path).write_text(json.dumps(value) if raw is None else raw, encoding="utf-8")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def on_say(doing: Round, step: Step) -> None:
    say(step.rest)


def on_write(doing: Round, step: Step) -> None:
    path = Path(step.rest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(step.body, encoding="utf-8")
    say(f"wrote {step.rest} ({len(step.body)} characters)")


def on_sleep(doing: Round, step: Step) -> None:
    time.sleep(float(step.rest))


def on_input(doing: Round, step: Step) -> None:
    path = doing.environment.get("CORRAL_INPUTS")
    inputs = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    if step.rest not in inputs:
        on_fail(doing, Step("fail", f"nothing was promised under {step.rest!r}"))
    say(json.dumps(inputs[step.rest]))


def on_contract(doing: Round, step: Step) -> None:
    key, _, value = step.rest.partition(" ")
    doing.contracts[key] = json.loads(value)


def on_result(doing: Round, step: Step) -> None:
    doing.result = json.loads(step.rest)


def on_raw(doing: Round, step: Step) -> None:
    doing.raw = step.rest


def on_help(doing: Round, step: Step) -> None:
    """As `corral task help` does."""
    say(f"asked: {step.rest} ({tell(doing, 'help', {'question': step.rest})})")
    raise Exit(0)


def on_complete(doing: Round, step: Step) -> None:
    """As `corral task complete` does."""
    try:
        result = json.loads(step.rest)
    except ValueError:
        result = step.rest
    say(f"completed ({tell(doing, 'complete', {'result': result})})")


def tell(doing: Round, what: str, body: Mapping[str, Any]) -> int:
    """Say something of the task over HTTP, with its own token; return the status."""
    hub, task = doing.environment["CORRAL_HUB_URL"], doing.environment["CORRAL_TASK_ID"]
    request = urllib.request.Request(  # noqa: S310 - the hub's URL comes from the daemon's configuration
        f"{hub.rstrip('/')}/api/v1/server/tasks/{task}/{what}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-API-Key": doing.environment["CORRAL_API_KEY"]},
    )
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_WITHIN) as answer:  # noqa: S310
            return answer.status
    except urllib.error.URLError as error:
        raise Unheard(f"the hub did not take it: {error}") from error


def on_fail(doing: Round, step: Step) -> None:
    sys.stderr.write(step.rest + "\n")
    sys.stderr.flush()
    raise Exit(1)


def on_exit(doing: Round, step: Step) -> None:
    raise Exit(int(step.rest))


def on_spawn(doing: Round, step: Step) -> None:
    for number in range(int(step.rest)):
        if os.fork() == 0:
            lurk(number)
    say(f"left {step.rest} processes")


def lurk(number: int) -> None:
    """Become a process that only a kill ends; never returns."""
    if number % 2:
        os.setsid()
    if number % 3 == 0 and os.fork() > 0:
        os._exit(0)
    if number % 5 == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()


ACTIONS: Mapping[str, Callable[[Round, Step], None]] = {
    "say": on_say,
    "write": on_write,
    "sleep": on_sleep,
    "input": on_input,
    "contract": on_contract,
    "result": on_result,
    "raw": on_raw,
    "help": on_help,
    "complete": on_complete,
    "fail": on_fail,
    "exit": on_exit,
    "spawn": on_spawn,
}

if __name__ == "__main__":
    sys.exit(main())
