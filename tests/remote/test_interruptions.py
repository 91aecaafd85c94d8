"""Large files, broken connections, killed programs: nothing is held in memory, nothing half done is left in place."""

import hashlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.remote.box import Box
from tests.remote.test_endings import memory

SIZE = 96 << 20


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No two of its pieces are alike."""
    path = tmp_path_factory.mktemp("large") / "large.bin"
    block = bytes(range(256)) * 256
    with path.open("wb") as file:
        for number in range(SIZE // len(block)):
            file.write(number.to_bytes(8, "big") + block[8:])
    return path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files(box: Box) -> Path:
    return box.daemon.home / "daemon" / "files"


def parts(folder: Path) -> list[Path]:
    return [one for one in folder.glob(".corral-*.part") if one.stat().st_size > 4 << 20] if folder.exists() else []


def begin(box: Box, *words: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "corral_cli", "file", *words]
    return subprocess.Popen(command, env=box.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_large_file_passes_through_and_is_held_nowhere(shared_box: Box, large: Path, tmp_path: Path) -> None:
    assert shared_box.corral("file", "write", "box:files/warm", stdin=b"x").returncode == 0
    assert shared_box.world.hub is not None
    assert shared_box.daemon.process is not None
    pids = (shared_box.world.hub.pid, shared_box.daemon.process.pid)
    before = [memory(pid) for pid in pids]
    done = shared_box.corral("file", "push", str(large), "box:files/large.bin")
    assert done.returncode == 0, done.stderr
    back = shared_box.corral("file", "pull", "box:files/large.bin", str(tmp_path / "back.bin"))
    assert back.returncode == 0, back.stderr
    grown = [memory(pid) - was for pid, was in zip(pids, before, strict=True)]
    assert max(grown) < 32 << 20, grown
    assert sha256(files(shared_box) / "large.bin") == sha256(tmp_path / "back.bin") == sha256(large)


def test_a_push_that_was_killed_goes_on_when_it_is_run_again(shared_box: Box, large: Path) -> None:
    folder = files(shared_box) / "killed"
    with begin(shared_box, "push", str(large), "box:files/killed/large.bin") as running:
        shared_box.until(lambda: parts(folder), "some of it is there")
        running.kill()
    assert not (folder / "large.bin").exists()
    done = shared_box.corral("file", "push", str(large), "box:files/killed/large.bin")
    assert done.returncode == 0, done.stderr
    assert b"on from" in done.stdout
    assert sha256(folder / "large.bin") == sha256(large)
    assert [one.name for one in folder.iterdir()] == ["large.bin"]


def test_a_push_survives_a_daemon_that_dies_and_comes_back(box: Box, large: Path) -> None:
    folder = files(box) / "deep"
    with begin(box, "push", str(large), "box:files/deep/large.bin") as running:
        box.until(lambda: parts(folder), "some of it is there")
        box.daemon.kill()
        box.world.start_daemon(box.daemon)
        out, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    assert sha256(folder / "large.bin") == sha256(large)
    assert b"verified" in out


def test_a_pull_that_was_interrupted_leaves_nothing_in_its_place(shared_box: Box, large: Path, tmp_path: Path) -> None:
    assert shared_box.corral("file", "push", str(large), "box:files/pulled").returncode == 0
    with begin(shared_box, "pull", "box:files/pulled", str(tmp_path / "here")) as running:
        shared_box.until(lambda: parts(tmp_path), "some of it is here")
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)  # somebody reads what it still says
    assert running.returncode == 130
    assert not (tmp_path / "here").exists()
    done = shared_box.corral("file", "pull", "box:files/pulled", str(tmp_path / "here"))
    assert done.returncode == 0, done.stderr
    assert sha256(tmp_path / "here") == sha256(large)
