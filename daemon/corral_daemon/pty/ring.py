"""The last bytes of a terminal in shared memory: one process writes, any number read, and nobody waits for anybody.

A page of header (magic, size, number of bytes ever written), then `size` bytes; byte number n lies at n % size. What
is older than `capacity` bytes may be overwritten while somebody reads it, so a reader looks again after it has copied.
"""

import errno
import mmap
import os
import tempfile
from pathlib import Path

MAGIC = int.from_bytes(b"CORRING1", "little")
FILL = 1 << 16
"""Bytes that one `fill` takes at most: they are in the ring before the header says so."""
_MAGIC, _SIZE, _HEAD = range(3)
_PAGE = mmap.PAGESIZE


class Overwritten(Exception):
    """The bytes asked for are no longer in the ring, or not yet."""


class NotARing(Exception):
    """The descriptor does not lead to a ring of ours."""


class Ring:
    """A reader. It owns `fd`, maps nothing but the header, and so costs no memory however large the ring is."""

    def __init__(self, fd: int) -> None:
        """Raises NotARing."""
        self.fd = fd
        length = os.fstat(fd).st_size
        if length <= _PAGE:
            raise NotARing(f"the ring has {length} bytes")
        self._map = self._open(length)
        self._header = memoryview(self._map)[:24].cast("Q")
        self.size = self._header[_SIZE]
        self.capacity = self.size - FILL
        if self._header[_MAGIC] != MAGIC or _PAGE + self.size != length:
            raise NotARing("the ring was written by another version of Corral")

    @property
    def head(self) -> int:
        """Bytes ever written: the offset of the next one."""
        return self._header[_HEAD]

    @property
    def tail(self) -> int:
        """The offset of the oldest byte that can be read."""
        return max(0, self._header[_HEAD] - self.capacity)

    def read(self, offset: int, limit: int) -> bytes:
        """Return a copy of the bytes from `offset` on, at most `limit`; none at the head. Raises Overwritten."""
        end = min(offset + limit, self.head)
        if offset > end:
            raise Overwritten(f"byte {offset} has not been written yet; {self.head} have")
        start = offset % self.size
        straight = min(end - offset, self.size - start)
        data = os.pread(self.fd, straight, _PAGE + start)
        if straight < end - offset:
            data += os.pread(self.fd, end - offset - straight, _PAGE)
        if offset < self.tail:
            raise Overwritten(f"byte {offset} was overwritten; byte {self.tail} is the oldest")
        return data

    def close(self) -> None:
        self._header.release()
        self._map.close()
        os.close(self.fd)

    def _open(self, length: int) -> mmap.mmap:
        return mmap.mmap(self.fd, _PAGE, mmap.MAP_SHARED, mmap.PROT_READ)


class WritableRing(Ring):
    """The one writer. `Ring(os.dup(ring.fd))`, there or in another process, is a reader."""

    def __init__(self, fd: int) -> None:
        super().__init__(fd)
        self._data = memoryview(self._map)[_PAGE:]

    def fill(self, source: int, limit: int = FILL) -> int:
        """Read from the non-blocking `source` until it has no more, or `limit` bytes; return how many.

        Raises EOFError once it will never have any.
        """
        head = at = self._header[_HEAD]
        end = head + min(limit, FILL)
        ended = False
        try:
            while at < end:
                start = at % self.size
                got = os.readv(source, (self._data[start : start + min(end - at, self.size - start)],))
                if not got:
                    ended = True
                    break
                at += got
        except BlockingIOError:
            pass
        except OSError as error:  # how Linux says that nobody has the terminal open any more
            if error.errno != errno.EIO:
                raise
            ended = True
        if at == head and ended:
            raise EOFError
        self._header[_HEAD] = at  # one aligned store, after the bytes
        return at - head

    def close(self) -> None:
        self._data.release()
        super().close()

    def _open(self, length: int) -> mmap.mmap:
        return mmap.mmap(self.fd, length, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)


def create(size: int, folder: Path) -> WritableRing:
    """Make an empty ring of `size` bytes, rounded up to whole pages. `folder`: where files without memory must lie."""
    size = max(-(-size // _PAGE) * _PAGE, 4 * FILL)
    fd = _anonymous(folder)
    os.ftruncate(fd, _PAGE + size)
    os.pwrite(fd, MAGIC.to_bytes(8, "little") + size.to_bytes(8, "little"), 0)
    return WritableRing(fd)


def _anonymous(folder: Path) -> int:
    """Return a descriptor of a file without a name, readable by its owner only."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("corral-ring", os.MFD_CLOEXEC)
    fd, name = tempfile.mkstemp(prefix="ring-", dir=folder)
    Path(name).unlink()
    return fd
