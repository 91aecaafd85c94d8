"""The spool's SQLite file: open, repair, read, write. Blocking; after `open` it is used by the writer thread only."""

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from corral_daemon import clock, journal
from corral_daemon.files import write_atomically
from corral_daemon.spool import numbering
from corral_daemon.spool.model import Record

log = logging.getLogger(__name__)

SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS record (seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
    + journal.SCHEMA
)
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class SpoolFile:
    """One open file. `last_seq` is the highest number given so far."""

    def __init__(self, path: Path, connection: sqlite3.Connection, spool_id: str, last_seq: int) -> None:
        self.path = path
        self.connection = connection
        self.spool_id = spool_id
        self.last_seq = last_seq
        self.size = connection.execute("SELECT coalesce(sum(length(body)), 0) FROM record").fetchone()[0]
        self._reserved = numbering.Reservation(spool_id, last_seq)
        self._durable: bool | None = None

    @contextmanager
    def transaction(self, durable: bool) -> Iterator[sqlite3.Connection]:
        """Commit what the block does, or nothing. `durable` puts it on the platter before returning."""
        if durable is not self._durable:
            self.connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        last_seq, size = self.last_seq, self.size
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException:
            self.last_seq, self.size = last_seq, size
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def reserve(self, count: int) -> None:
        """See to it that `count` more numbers may be given. Raises OSError."""
        if self.last_seq + count > self._reserved.limit or not count:
            reservation = numbering.reserve(self.spool_id, self.last_seq, count)
            write_atomically(_reservation_path(self.path), numbering.dump(reservation))
            self._reserved = reservation

    def insert(self, body: str) -> Record:
        record = Record(self.last_seq + 1, body)
        self.connection.execute("INSERT INTO record VALUES (?, ?)", (record.seq, body))
        self.last_seq = record.seq
        self.size += len(body)
        return record

    def rename(self) -> str:
        """Take a new random name, under which the numbers mean nothing to anybody yet. Numbering goes on."""
        self.spool_id = _rename(self.connection)
        self._reserved = numbering.Reservation(self.spool_id, self.last_seq)
        self.reserve(0)
        return self.spool_id

    def delete(self, upto: int, single: Iterable[int]) -> None:
        """Forget the records up to and including `upto`, and those in `single`."""
        rows = self.connection.execute("DELETE FROM record WHERE seq <= ? RETURNING length(body)", (upto,)).fetchall()
        for seq in single:
            rows += self.connection.execute(
                "DELETE FROM record WHERE seq = ? RETURNING length(body)", (seq,)
            ).fetchall()
        self.size -= sum(length for (length,) in rows)

    def after(self, seq: int, limit: int) -> tuple[Record, ...]:
        rows = self.connection.execute("SELECT seq, body FROM record WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
        return tuple(Record(*row) for row in rows)

    def make_room(self) -> None:
        """Give back what the write-ahead log holds. Raises sqlite3.Error."""
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def shrink(self) -> None:
        """Give back what forgotten records held, which the file keeps for new ones. Costs as much as is left in it.

        Raises sqlite3.Error.
        """
        self.connection.execute("VACUUM")
        self.make_room()

    def close(self) -> None:
        """Close cleanly: the next start goes on with the next number, without a gap."""
        self.connection.close()
        write_atomically(
            _reservation_path(self.path), numbering.dump(numbering.Reservation(self.spool_id, self.last_seq))
        )


def open_file(path: Path) -> SpoolFile:
    """Open the spool at `path`, or make it. Raises sqlite3.DatabaseError, `is_damage` says which of them are final."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        return _prepare(path, connection)
    except sqlite3.Error:
        connection.close()
        raise


def _prepare(path: Path, connection: sqlite3.Connection) -> SpoolFile:
    connection.execute("PRAGMA journal_mode = WAL")
    # Some builds overwrite what is deleted: every acknowledged record would be written a second time.
    connection.execute("PRAGMA secure_delete = FAST")
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise _damaged(verdict)
    connection.executescript(SCHEMA)
    journal.prune(connection)
    spool_id = _spool_id(connection)
    stored = connection.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'record'").fetchone()[0]
    last = numbering.last_number(spool_id, stored, _read_reservation(path))
    if last is None:
        log.warning("event=spool_renamed old_spool_id=%s reason=%r", spool_id, "its number reservation is missing")
        spool_id, last = _rename(connection), stored
    path.chmod(0o600)
    return SpoolFile(path, connection, spool_id, last)


def _spool_id(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT value FROM meta WHERE key = 'spool_id'").fetchone()
    return row[0] if row else _rename(connection)


def _rename(connection: sqlite3.Connection) -> str:
    spool_id = clock.identity()
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('spool_id', ?)", (spool_id,))
    return spool_id


def is_damage(error: Exception) -> bool:
    """Tell a file that is broken from a disk that is full or slow."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE


def _damaged(verdict: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(verdict)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _reservation_path(path: Path) -> Path:
    return path.with_suffix(".numbers")


def _read_reservation(path: Path) -> numbering.Reservation | None:
    try:
        return numbering.parse(_reservation_path(path).read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return None
