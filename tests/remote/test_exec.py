"""corral exec: exit codes, streams, input, directories: everything a script relies on."""

import hashlib
import json
import subprocess

from tests.remote.box import Box


def test_what_a_command_prints_and_how_it_ends(shared_box: Box) -> None:
    done = shared_box.exec("--", "sh", "-c", "printf out; printf err >&2; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"out", b"err")


def test_every_byte_arrives(shared_box: Box) -> None:
    script = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 8000); sys.stderr.buffer.write(bytes(range(256)))"
    done = shared_box.exec("--", "python3", "-c", script)
    assert (done.returncode, done.stderr) == (0, bytes(range(256)))
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(bytes(range(256)) * 8000).digest()


def test_a_signal_is_told_as_shells_do(shared_box: Box) -> None:
    assert shared_box.exec("--", "sh", "-c", "kill -9 $$").returncode == 137


def test_input_is_passed_on_to_its_end(shared_box: Box) -> None:
    every = bytes(range(256)) * 20_000
    done = shared_box.exec("-i", "--", "sha256sum", stdin=every)
    assert (done.returncode, done.stdout.split()[0].decode()) == (0, hashlib.sha256(every).hexdigest()), done.stderr
    assert shared_box.exec("-i", "--", "true", stdin=every).returncode == 0


def test_without_asking_there_is_no_input(shared_box: Box) -> None:
    assert shared_box.exec("--", "cat", stdin=b"not for you").stdout == b""


def test_where_it_runs_and_with_which_variables(shared_box: Box) -> None:
    done = shared_box.exec("--repo", "shop", "--env", "GREETING=hello", "--", "sh", "-c", "pwd; echo $GREETING")
    assert done.stdout.decode().split() == [str(shared_box.world.folder / "shop"), "hello"]
    assert shared_box.exec("--cwd", "/", "--", "pwd").stdout == b"/\n"
    assert b"API_KEY" not in shared_box.exec("--", "env").stdout


def test_what_cannot_be_run(shared_box: Box) -> None:
    for words, code, said in (
        (("--", "no-such-program"), 127, b"[command_missing]"),
        (("--", "/etc/hosts"), 126, b"[command_unusable]"),
        (("--cwd", "/nowhere", "--", "true"), 125, b"[directory_missing]"),
        (("--repo", "none", "--", "true"), 125, b"[repo_missing]"),
    ):
        done = shared_box.exec(*words)
        assert (done.returncode, done.stdout) == (code, b""), words
        assert said in done.stderr and b"\n  next: " in done.stderr, words
    assert shared_box.corral("exec", "nowhere", "--", "true").returncode == 125


def test_output_comes_as_it_is_printed(shared_box: Box) -> None:
    running = shared_box.begin("-i", "--", "sh", "-c", "echo first; read line; echo $line", stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)  # fmt: skip
    with running:
        assert running.stdout is not None
        assert running.stdin is not None
        assert running.stdout.readline() == b"first\n"
        running.stdin.write(b"second\n")
        running.stdin.close()
        assert running.stdout.read() == b"second\n"
    assert running.returncode == 0


def test_as_an_answer_for_scripts(shared_box: Box) -> None:
    script = "import sys; sys.stdout.buffer.write(b'x' * 3_000_000); sys.stderr.buffer.write(b'\\xff'); sys.exit(3)"
    done = shared_box.exec("--json", "--", "python3", "-c", script)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["exit_code"]) == (3, 3)
    assert (len(answer["stdout"]), answer["stdout_bytes"], answer["stdout_truncated"]) == (1 << 20, 3_000_000, True)
    assert (answer["stderr_base64"], answer["stderr_truncated"]) == ("/w==", False)
