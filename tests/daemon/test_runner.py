"""The runner with real processes."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from corral_daemon.processes import table
from corral_protocol.vocabulary import ErrorClass, Phase, Stream
from tests.daemon.runner_world import carriers, command, echo, runner_world, shell, task, until

PYTHON = sys.executable


async def test_a_command_runs_reports_and_ends(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        outcome = await world.done(task(run=command("sh", "-c", "echo hello; echo oh >&2")))
        assert outcome.error is None
        assert outcome.exit_code == 0
        assert outcome.result == {"summary": "hello"}
        assert outcome.duration > 0
        assert world.notebook.streams == {Stream.STDOUT: b"hello\n", Stream.STDERR: b"oh\n"}
        words = world.notebook.words
        assert words[:2] == ["accepted", "started"]
        assert words[-1] == "finished"
        assert world.runner.idle.is_set()
        assert world.runner.held() == ()


async def test_every_byte_value_arrives(tmp_path: Path) -> None:
    text = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 16)"
    async with runner_world(tmp_path) as world:
        await world.done(task(run=command(PYTHON, "-c", text)))
        assert world.notebook.streams[Stream.STDOUT] == bytes(range(256)) * 16


async def test_a_megabyte_arrives_in_order_while_the_reporter_makes_it_wait(tmp_path: Path) -> None:
    text = "import sys\nfor n in range(1 << 17): sys.stdout.write(f'{n:07}\\n')"
    async with runner_world(tmp_path) as world:
        world.notebook.gate.clear()
        message = task(run=command(PYTHON, "-c", text))
        await world.runner.assign(message)
        await until(lambda: bool(world.notebook.in_output))
        assert "finished" not in world.notebook.words
        world.notebook.gate.set()
        await world.ended(message)
        assert world.notebook.text == "".join(f"{n:07}\n" for n in range(1 << 17))


async def test_without_room_for_its_output_a_process_waits_and_can_be_ended(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        world.notebook.room.clear()
        outcome = await world.done(shell("yes", run={"timeout": 0.5}))
        assert outcome.error and outcome.error.kind is ErrorClass.TIMEOUT
        assert 0 < len(world.notebook.streams[Stream.STDOUT]) <= 1 << 17, "what its pipe held, and a page or two"


async def test_the_result_file_is_the_result(tmp_path: Path) -> None:
    value = {"summary": "did it", "contracts": {"api": {"paths": ["/x"]}}}
    async with runner_world(tmp_path) as world:
        outcome = await world.done(shell(f"cat > $CORRAL_RESULT <<'X'\n{json.dumps(value)}\nX\necho noise"))
        assert outcome.result == value
        outcome = await world.done(shell("echo '{\"contracts\":{}}' > $CORRAL_RESULT; echo last", "bbbb2222"))
        assert outcome.result == {"summary": "last", "contracts": {}}


@pytest.mark.parametrize("text", ["echo '{' > $CORRAL_RESULT", "head -c 1100000 /dev/zero > $CORRAL_RESULT",
                                  "echo NaN > $CORRAL_RESULT"])  # fmt: skip
async def test_a_result_that_cannot_be_read_is_an_error(tmp_path: Path, text: str) -> None:
    async with runner_world(tmp_path) as world:
        outcome = await world.done(shell(text))
        assert outcome.error and outcome.error.kind is ErrorClass.RESULT_UNREADABLE


async def test_a_failed_command_tells_its_last_words(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        outcome = await world.done(shell("for n in $(seq 100); do echo line $n >&2; done; exit 3"))
        assert outcome.error and outcome.error.kind is ErrorClass.EXIT_NONZERO
        assert outcome.exit_code == 3
        assert "line 100" in outcome.error.message
        assert "line 50\n" not in outcome.error.message


async def test_a_signal_is_told_by_name(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        outcome = await world.done(shell("kill -SEGV $$"))
        assert outcome.error and outcome.error.kind is ErrorClass.KILLED
        assert "SIGSEGV" in outcome.error.message
        assert outcome.signal == signal.SIGSEGV


async def test_what_is_not_there_cannot_be_started(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        outcome = await world.done(task(run=command("/no/such/program")))
        assert outcome.error and outcome.error.kind is ErrorClass.SPAWN_FAILED
        assert "/no/such/program" in outcome.error.message


async def test_a_timeout_stops_the_whole_tree(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        message = shell("trap '' TERM; (setsid sleep 1000 &); sleep 1000", run={"timeout": 0.3})
        outcome = await world.done(message)
        assert outcome.error and outcome.error.kind is ErrorClass.TIMEOUT
        assert carriers(world.notebook.cookies[message.task_id]) == set()


async def test_cancel_stops_a_tree_of_fifty(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        message = echo("@spawn 50\n@sleep 1000")
        await world.runner.assign(message)
        await world.started()
        cookie = world.notebook.cookies[message.task_id]
        await until(lambda: len(carriers(cookie)) >= 51)
        await world.runner.cancel(message.task_id, message.epoch, "not wanted any more", 0.2)
        await world.ended(message)
        outcome = world.notebook.outcomes[message.task_id, 1]
        assert outcome.error and outcome.error.kind is ErrorClass.CANCELLED
        assert outcome.error.message == "not wanted any more"
        assert carriers(cookie) == set()


async def test_what_an_ended_command_leaves_behind_is_stopped(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        message = shell("(setsid sleep 1000 &) ; sleep 1000 & echo done")
        outcome = await world.done(message)
        assert outcome.error is None
        assert outcome.result == {"summary": "done"}
        assert carriers(world.notebook.cookies[message.task_id]) == set()


async def test_slots_and_draining(tmp_path: Path) -> None:
    async with runner_world(tmp_path, max_concurrent=1) as world:
        await world.runner.assign(shell("sleep 1000"))
        assert world.runner.capacity() == (1, 1)
        assert not world.runner.idle.is_set()
        await world.runner.assign(shell("true", "bbbb2222"))
        world.runner.drain()
        await world.runner.assign(shell("true", "cccc3333"))
        assert [code for code, _ in world.notebook.declines] == ["no_slot", "draining"]


async def test_a_repeated_assignment_is_ignored_and_a_higher_epoch_takes_over(tmp_path: Path) -> None:
    async with runner_world(tmp_path, max_concurrent=1) as world:
        old, new = shell("echo old; sleep 1000", epoch=2), shell("echo new", epoch=3)
        await world.runner.assign(old)
        await world.runner.assign(old)
        await world.runner.assign(shell("echo stale", epoch=1))
        await world.started()
        cookie = world.notebook.cookies[old.task_id]
        await world.runner.assign(new)
        await world.ended(new)
        assert carriers(cookie) == set()
        assert {key: outcome.error is None for key, outcome in world.notebook.outcomes.items()} == {
            (old.task_id, 2): False,
            (old.task_id, 3): True,
        }
        assert world.notebook.declines == []


async def test_a_refused_unit_says_nothing_but_its_end(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        message = shell("trap 'echo late; exit' TERM; while :; do sleep 0.02; done")
        await world.runner.assign(message)
        await world.started()
        await world.runner.refuse(message.task_id, message.epoch)
        await world.ended(message)
        assert world.notebook.words == ["accepted", "started", "finished"]


async def test_close_ends_everything_as_daemon_restarted(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        messages = [shell("sleep 1000", f"{letter * 8}") for letter in "abc"]
        for message in messages:
            await world.runner.assign(message)
        await until(lambda: world.notebook.words.count("started") == 3)
        await world.runner.close(0.2)
        kinds = [outcome.error.kind for outcome in world.notebook.outcomes.values() if outcome.error]
        assert kinds == [ErrorClass.DAEMON_RESTARTED] * 3
        assert all(carriers(cookie) == set() for cookie in world.notebook.cookies.values())


async def test_a_killed_warden_ends_the_unit(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        message = shell("sleep 1000 & setsid sleep 1000")
        await world.runner.assign(message)
        pid = await world.started()
        os.kill(table.read()[pid].ppid, signal.SIGKILL)
        await world.ended(message)
        outcome = world.notebook.outcomes[message.task_id, 1]
        assert outcome.error and outcome.error.kind is ErrorClass.KILLED
        assert carriers(world.notebook.cookies[message.task_id]) == set()


async def test_the_unit_knows_what_it_must_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORRAL_API_KEY", "the-key-of-the-daemon")
    monkeypatch.setenv("SECRET_OF_THE_HOST", "hidden")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "for-agents")
    async with runner_world(tmp_path) as world:
        message = task(
            run=command("sh", "-c", "env; cat $CORRAL_INPUTS $CORRAL_FEEDBACK", env={"MINE": "1", "CORRAL_EPOCH": "9"}),
            token="task-token",
            project_id="p1",
            resolved_inputs={"api": {"v": 1}},
            feedback="again",
        )
        await world.done(message)
        text = world.notebook.text
        wanted = ["CORRAL_API_KEY=task-token", "ORCHESTRATIA_API_KEY=task-token", "CORRAL_TASK_ID=aaaa1111-0000",
                  "CORRAL_EPOCH=1", "CORRAL_ATTEMPT=1", "MINE=1", "ANTHROPIC_API_KEY=for-agents",
                  "CORRAL_HUB_URL=http://127.0.0.1:1", "CORRAL_PROJECT_ID=p1"]  # fmt: skip
        assert set(wanted) <= set(text.splitlines())
        assert '{"api": {"v": 1}}"again"' in text
        assert "the-key-of-the-daemon" not in text
        assert "hidden" not in text


async def test_the_token_stands_in_no_command_line(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        await world.runner.assign(echo("@sleep 1000", token="very-secret-token"))
        await world.runner.assign(shell("sleep 1000", "bbbb2222", token="very-secret-token"))
        await until(lambda: world.notebook.words.count("started") == 2)
        assert len(carriers("very-secret-token")) >= 2
        assert all("very-secret-token" not in _command_line(pid) for pid in table.read())


async def test_a_plan_of_a_command_runs_nothing(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        message = shell(f"touch {tmp_path}/ran", phase=Phase.PLAN, run={"env": {"KEY": "secret"}})
        await world.runner.assign(message)
        await world.ended(message)
        plan = world.notebook.plans[message.task_id]
        assert plan["shell"] == f"touch {tmp_path}/ran"
        assert plan["environment"] == ["KEY"]
        assert not (tmp_path / "ran").exists()
        assert world.notebook.words == ["accepted", "started", "planned"]


async def test_the_directory_is_empty_and_of_its_own(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        outcome = await world.done(shell("ls -A; touch x; pwd"))
        assert world.notebook.text.splitlines() == [str(tmp_path / "scratch" / "aaaa1111-0000-1")]
        assert outcome.error is None


async def test_hostile_ids_and_titles_stay_words(tmp_path: Path) -> None:
    async with runner_world(tmp_path / "state") as world:
        outcome = await world.done(shell("pwd", "../../../--evil\n", title="--upload-pack=touch /tmp/x"))
        assert outcome.error is None
        assert (tmp_path / "state" / "scratch") in Path(world.notebook.text.strip()).parents


async def test_old_directories_are_cleared(tmp_path: Path) -> None:
    async with runner_world(tmp_path) as world:
        for number in range(30):
            path = tmp_path / "scratch" / f"old-{number}"
            path.mkdir(parents=True)
            os.utime(path, (number, number))
        (tmp_path / "units" / "of-a-dead-daemon").mkdir(parents=True)
        await world.done(shell("true"))
        left = {f"old-{number}" for number in range(11, 30)} | {"aaaa1111-0000-1"}
        await until(lambda: {entry.name for entry in (tmp_path / "scratch").iterdir()} == left)
        await until(lambda: not any((tmp_path / "units").iterdir()))


async def test_a_pipe_that_a_stranger_holds_open_holds_nothing_up(tmp_path: Path) -> None:
    """A process outside the tree can get the pipe, over a unix socket or from /proc; here it is this test."""
    async with runner_world(tmp_path) as world:
        message = shell("echo before; while ! test -e go; do sleep 0.02; done")
        await world.runner.assign(message)
        pid = await world.started()
        held = await asyncio.to_thread(os.open, f"/proc/{pid}/fd/1", os.O_WRONLY)
        (tmp_path / "scratch" / "aaaa1111-0000-1" / "go").touch()
        await world.ended(message)
        os.close(held)
        assert world.notebook.text == "before\n"


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""
