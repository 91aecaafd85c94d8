"""What sessions do, judged by a real daemon of real programs, as the real hub shows it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub_process import PATIENCE, HubProcess
from tests.terminals.machine import Machine, a_machine
from tests.terminals.test_cli import login
from tests.terminals.viewer import a_viewer


@pytest.fixture(scope="module")
def machine(shared_hub: HubProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    with a_machine(shared_hub, folder) as made:
        yield made


SHELL = ("bash", "--norc", "--noprofile")


def test_a_shell_is_idle_at_its_prompt_and_works_while_something_runs(machine: Machine) -> None:
    shell = machine.run(*SHELL)
    before = shell.does("idle", "is at the prompt of bash")
    shell.type("while :; do :; done")
    busy = shell.does("working", "uses the CPU and prints nothing (bash)")
    assert busy["since"] > before["since"]
    shell.type("\x03", enter=False)
    after = shell.does("idle", "is at the prompt of bash")
    assert busy["since"] < after["since"] <= time.time()
    shell.type("sleep 1000")
    assert shell.does("working", "(sleep)")["evidence"]["program"] == "sleep"
    assert shell.does("idle", "prints nothing and uses no CPU (sleep)")["since"] > after["since"]


def test_a_question_waits_for_input_until_it_is_answered(machine: Machine) -> None:
    asks = machine.run(*SHELL, "-c", "sleep 0.2; read -p 'Proceed? [y/N] ' x; sleep 1000")
    found = asks.does("waits_for_input")
    assert found["why"] == "asks: Proceed? [y/N]"
    assert found["evidence"]["reads_terminal"] is True
    asks.type("y")
    asks.does("working")


def test_a_hidden_question_is_seen_by_its_silence(machine: Machine) -> None:
    """As sudo, ssh and getpass ask: the terminal takes a line and shows nothing of it."""
    ask = "import getpass; getpass.getpass('Password for ana: '); import time; time.sleep(1000)"
    asks = machine.run(sys.executable, "-c", ask)
    assert asks.does("waits_for_input")["why"] == "asks for something unseen: Password for ana:"
    asks.type("secret")
    asks.does("working")


def test_an_end_is_told_with_how_it_came(machine: Machine) -> None:
    well = machine.run("true").does("finished")
    assert (well["why"], well["evidence"]["by"]) == ("ended with exit code 0", "end")
    assert machine.run("sh", "-c", "exit 3").does("dead")["why"] == "ended with exit code 3"
    killed = machine.run("sleep", "1000")
    killed.does("working")
    killed.hub.post(f"/sessions/{killed.id}/kill", killed.hub.admin)
    assert killed.does("dead")["why"] in ("was ended by SIGKILL", "was ended by SIGHUP")


def test_a_new_daemon_judges_anew_and_says_it(machine: Machine) -> None:
    shell = machine.run(*SHELL)
    before = shell.does("idle")
    machine.stop(kill=True)
    machine.start()
    asks = machine.run(*SHELL, "-c", "read -p 'Me too? ' x")
    asks.does("waits_for_input", "asks: Me too?")  # so it has looked around, and has said what it saw
    assert shell.does("idle", "is at the prompt of bash")["since"] == before["since"]
    shell.type("read -p 'And now? '")
    shell.does("waits_for_input", "asks: And now?")


async def test_viewers_hear_of_it(machine: Machine) -> None:
    async with a_viewer(machine.hub) as viewer:
        asks = machine.run(*SHELL, "-c", "read -p 'Proceed? ' x")

        def said() -> bool:
            events = [one for one in viewer.said if one.get("event") == "attention" and one["session_id"] == asks.id]
            return any(one["details"]["attention"]["why"] == "asks: Proceed?" for one in events)

        await viewer.until(said, "the viewer hears of the question")


def test_the_cli_waits_for_it_and_shows_it(machine: Machine) -> None:
    asks = machine.run(*SHELL, "-c", "sleep 0.5; read -p 'Go on? ' x", name="asking")

    def corral(*words: str) -> str:
        command = [sys.executable, "-m", "corral_cli", "session", *words]
        done = subprocess.run(command, env=login(machine.hub), capture_output=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    assert "asks: Go on?" in corral("wait", asks.id, "--until", "waits_for_input", "--timeout", "30s")
    assert "waits_for_input" in corral("list", "--server", machine.name)
    assert "asks: Go on?" in corral("show", asks.id)
    asks.type("yes")
    corral("wait", asks.id, "--until", "finished", "--timeout", "30s")


def test_a_quiet_compiler_never_seems_to_wait(machine: Machine, tmp_path: Path) -> None:
    """It prints what looks like a question, then uses the CPU and is silent."""
    script = "import sys, time; sys.stdout.write('Building? '); sys.stdout.flush()\nwhile True: hash('x')"
    compiles = machine.run(sys.executable, "-c", script)
    found = compiles.does("working", "uses the CPU and prints nothing")
    assert found["evidence"]["reads_terminal"] is False
