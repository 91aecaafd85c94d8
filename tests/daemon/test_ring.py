"""The ring: what is read from it was written to it, or the reader is told that it is gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.pty.ring import FILL, NotARing, Overwritten, Ring, WritableRing, create

SIZE = 4 * FILL


def pour(ring: WritableRing, data: bytes) -> None:
    """Write `data` into the ring, through a pipe as it comes from a PTY."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    try:
        for start in range(0, len(data), 4096):
            os.write(writing, data[start : start + 4096])
            assert ring.fill(reading) == len(data[start : start + 4096])
    finally:
        os.close(reading)
        os.close(writing)


def letters(start: int, end: int) -> bytes:
    """The bytes of a stream in which each byte tells its place."""
    return bytes((place * 7 + place // 251) % 256 for place in range(start, end))


@pytest.fixture
def ring(tmp_path: Path):
    made = create(SIZE, tmp_path)
    yield made
    made.close()


def test_what_was_written_is_read(ring: WritableRing) -> None:
    assert (ring.head, ring.tail, ring.read(0, 10)) == (0, 0, b"")
    pour(ring, b"hello")
    assert ring.read(1, 100) == b"ello"
    assert ring.read(5, 100) == b""
    with pytest.raises(Overwritten):
        ring.read(6, 1)


def test_it_goes_round(ring: WritableRing) -> None:
    total = 3 * SIZE + 12_345
    pour(ring, letters(0, total))
    assert ring.head == total
    assert ring.tail == total - ring.capacity
    assert ring.read(ring.tail, SIZE) == letters(ring.tail, total)
    with pytest.raises(Overwritten):
        ring.read(ring.tail - 1, 10)


def test_a_fill_stops_at_its_limit(ring: WritableRing) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.write(writing, b"abcdef")
    assert ring.fill(reading, 4) == 4
    assert ring.fill(reading, 4) == 2
    assert ring.fill(reading) == 0
    os.close(writing)
    with pytest.raises(EOFError):
        ring.fill(reading)
    os.close(reading)
    assert ring.read(0, 10) == b"abcdef"


def test_another_process_reads_it_by_its_descriptor(ring: WritableRing) -> None:
    pour(ring, letters(0, SIZE + 1000))
    code = (
        "import sys; from corral_daemon.pty.ring import Ring; ring = Ring(int(sys.argv[1]));"
        "sys.stdout.buffer.write(ring.read(ring.tail, 1 << 20))"
    )
    read = subprocess.run(
        [sys.executable, "-c", code, str(ring.fd)], pass_fds=[ring.fd], capture_output=True, check=True
    )
    assert read.stdout == letters(ring.tail, ring.head)


def test_a_reader_sees_what_comes_later(ring: WritableRing) -> None:
    reader = Ring(os.dup(ring.fd))
    pour(ring, b"later")
    assert reader.read(0, 10) == b"later"
    reader.close()


def test_something_else_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"x" * 100_000):
        (tmp_path / "file").write_bytes(content)
        fd = os.open(tmp_path / "file", os.O_RDWR)
        with pytest.raises(NotARing):
            Ring(fd)
        os.close(fd)


def test_a_ring_without_anonymous_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    ring = create(SIZE, tmp_path)
    pour(ring, b"hello")
    assert os.fstat(ring.fd).st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []
    assert ring.read(0, 10) == b"hello"
    ring.close()


@given(st.lists(st.integers(1, 2 * FILL), max_size=12), st.data())
def test_a_read_is_a_part_of_the_stream_or_refused(pieces: list[int], data: st.DataObject) -> None:
    ring = create(SIZE, Path())
    try:
        written = 0
        for piece in pieces:
            pour(ring, letters(written, written + piece))
            written += piece
            offset = data.draw(st.integers(0, written + 1))
            limit = data.draw(st.integers(0, SIZE))
            if ring.tail <= offset <= written:
                assert ring.read(offset, limit) == letters(offset, min(written, offset + limit))
            else:
                with pytest.raises(Overwritten):
                    ring.read(offset, limit)
    finally:
        ring.close()
