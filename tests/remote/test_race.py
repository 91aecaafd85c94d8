"""Somebody swaps folders for links while files are read and written: what lies outside is never touched."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from corral_daemon.errors import RemoteFailed
from corral_daemon.remote import entries
from corral_daemon.remote.incoming import Incoming, remove
from corral_daemon.remote.outgoing import Outgoing
from corral_daemon.rooted.walk import Spot
from corral_protocol.remote import FileRead, FileWrite

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names are exchanged in one step on Linux only")

ROUNDS = 1500
KEEP_OUT = b"keep out"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """`root/in` is a folder, and the next moment a link to a folder outside; so is the file in it."""
    outside, root = tmp_path / "outside", tmp_path / "root"
    for folder in (outside, root, root / "in"):
        folder.mkdir()
    (outside / "file").write_bytes(KEEP_OUT)
    (root / "in" / "file").write_bytes(b"inside")
    return root


SWAP = """
import ctypes, os, sys
rename = ctypes.CDLL(None, use_errno=True).renameat2
one, other = os.fsencode(sys.argv[1]), os.fsencode(sys.argv[2])
print("ready", flush=True)
while os.getppid() != 1:
    assert rename(-100, one, -100, other, 2) == 0, ctypes.get_errno()
"""
"""Exchanges two names in one step, over and over: there is always one or the other."""


@contextmanager
def swapping(root: Path) -> Iterator[None]:
    """Swap as fast as this machine can, in a process of its own, for as long as the block lasts."""
    (root / "link").symlink_to(root.parent / "outside")
    command = [sys.executable, "-c", SWAP, str(root / "in"), str(root / "link")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as swapper:
        try:
            assert swapper.stdout is not None
            assert swapper.stdout.readline() == b"ready\n"
            yield
            assert swapper.poll() is None, "it went on to the end"
        finally:
            swapper.kill()


def again_and_again(root: Path, act: Callable[[Spot], None]) -> dict[str, int]:
    """Act ROUNDS times while somebody swaps; return how often it was refused, by code, and how often it was done."""
    outcomes: dict[str, int] = {"done": 0}
    with swapping(root):
        for _ in range(ROUNDS):
            try:
                act(Spot(root, ("in", "file")))
                outcomes["done"] += 1
            except RemoteFailed as error:
                outcomes[error.code] = outcomes.get(error.code, 0) + 1
    return outcomes


def test_nothing_outside_is_read(root: Path) -> None:
    def read(spot: Spot) -> None:
        outgoing = Outgoing(spot, FileRead(channel=1, path=""), 1 << 20)
        try:
            outgoing.open()
            assert outgoing.read(0, 100) == b"inside"
        finally:
            outgoing.close()

    outcomes = again_and_again(root, read)
    assert outcomes["done"] > 0 and outcomes.keys() <= {"done", "symlink_refused", "file_missing", "not_a_folder"}
    assert outcomes.get("symlink_refused", 0) > 0, f"nobody ever met the link: {outcomes}"


def test_nothing_outside_is_written_or_made(root: Path) -> None:
    def write(spot: Spot) -> None:
        incoming = Incoming(spot, FileWrite(channel=1, path=""), 1 << 20, lambda: "one")
        try:
            incoming.open()
            incoming.write(b"inside")
            incoming.place()
        finally:
            incoming.close()

    outcomes = again_and_again(root, write)
    assert outcomes["done"] > 0 and outcomes.get("symlink_refused", 0) > 0, outcomes
    assert [one.name for one in (root.parent / "outside").iterdir()] == ["file"]
    assert (root.parent / "outside" / "file").read_bytes() == KEEP_OUT


def test_nothing_outside_is_removed_or_listed(root: Path) -> None:
    (root.parent / "outside" / "more").touch()

    def look(spot: Spot) -> None:
        page, _ = entries.listing(Spot(spot.root, ("in",)), None, 10)
        assert "more" not in [one.name for one in page]
        remove(Spot(spot.root, ("in", "more")), None)

    again_and_again(root, look)
    assert (root.parent / "outside" / "more").exists()


def test_what_stands_in_the_place_of_a_part_is_not_written_to(root: Path) -> None:
    """Whoever guesses the name of a part lays a link or a second name of another file there."""
    victim = root.parent / "outside" / "file"
    for lay in (lambda name: name.symlink_to(victim), lambda name: name.hardlink_to(victim)):
        incoming = Incoming(Spot(root, ("new",)), FileWrite(channel=1, path="", sha256="0" * 64), 1 << 20, lambda: "")
        part = root / incoming.partial
        lay(part)
        with pytest.raises((RemoteFailed, OSError)):
            incoming.open()
        incoming.close()
        part.unlink()
        assert victim.read_bytes() == KEEP_OUT
