"""Push and pull: whole, verified, and on from where it stopped. A connection that breaks is taken up again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from corral_cli import clock
from corral_cli.client import Client
from corral_cli.errors import Conflict, Failed, NotFound, Unreachable, Usage
from corral_cli.live import backoff
from corral_cli.remote.address import Address
from corral_cli.remote.meter import Meter
from corral_cli.remote.partial import Source, Target, repr_digest

T = TypeVar("T")
_ATTEMPTS = 5
_AGAIN = frozenset({"hub_unreachable", "hub_timeout", "server_lost", "server_offline", "upload_running"})
_CHANGED = "version_changed"


def push(client: Client, local: Path, address: Address, if_version: str | None) -> dict[str, Any]:
    """Send a file; return what the hub says of it. Raises CliError."""
    source = Source(local)
    try:
        meter = Meter(f"reading {local.name}", source.size)
        sha256 = source.digest(source.size, meter.moved)
        meter.end()
        return _persistent(lambda: _push_once(client, source, sha256, address, if_version))
    finally:
        source.close()


def pull(client: Client, address: Address, local: Path) -> dict[str, Any]:
    """Fetch a file; return what the hub says of it. Raises CliError."""
    target = local / address.name if local.is_dir() else local
    if not target.name or target.is_dir():
        raise Usage(f"{local} is no name for a file", hint="Name the file, or a folder to put it into.")
    return {**_persistent(lambda: _pull_once(client, address, target)), "local": str(target)}


def _push_once(client: Client, source: Source, sha256: str, address: Address, if_version: str | None) -> dict[str, Any]:
    offset, there = _begin_at(client, source, sha256, address)
    if there is not None and if_version is None:
        return there
    meter = Meter(f"pushing {address.name}", source.size)
    meter.skip(offset)
    headers = {"Repr-Digest": repr_digest(sha256), "Content-Length": str(source.size - offset)}
    if offset:
        headers["Content-Range"] = f"bytes {offset}-{source.size - 1}/{source.size}"
    if if_version is not None:
        headers["If-Match"] = f'"{if_version}"'
    query = {"path": address.path, "executable": source.executable}
    pieces = source.pieces(offset, source.size, meter.moved)
    try:
        with client.stream("PUT", f"{address.route}/files/content", query, headers, pieces) as answer:
            done: dict[str, Any] = _json(answer)
    finally:
        meter.end()
    if done.get("sha256") != sha256:
        raise Failed(
            "what arrived is not what was sent: its SHA-256 differs", code="digest_mismatch", hint="Push it again."
        )
    return {**done, "resumed_at": offset, "sent": source.size - offset}


def _begin_at(client: Client, source: Source, sha256: str, address: Address) -> tuple[int, dict[str, Any] | None]:
    """Return from where on to send, and what is there if it is this very file already."""
    status = _status(client, address, partial=sha256)
    entry = status.get("entry") or {}
    same = entry.get("kind") == "file" and entry.get("size") == source.size
    if same and entry.get("executable") == source.executable:
        there = _status(client, address, digest=True)
        if there.get("sha256") == sha256:
            return 0, {**there, "resumed_at": source.size, "sent": 0}
    kept = status.get("partial_size") or 0
    if 0 < kept <= source.size and status.get("partial_sha256") == source.digest(kept):
        return min(kept, source.size - 1), None  # an empty rest cannot be said; the last byte is sent again
    return 0, None


def _pull_once(client: Client, address: Address, path: Path) -> dict[str, Any]:
    status = _status(client, address, digest=True)
    entry, sha256 = status.get("entry") or {}, status.get("sha256")
    if entry.get("kind") != "file" or not isinstance(sha256, str):
        raise NotFound(f"{address.text} is no file", hint=f"`corral file list {address.text}` shows what is there.")
    size: int = entry["size"]
    with Target(path, sha256) as target:
        meter = Meter(f"pulling {address.name}", size)
        try:
            offset = target.resume(size, lambda _: None)
            meter.skip(offset)
            if offset < size:
                _fetch(client, address, target, entry["version"], offset, meter)
        finally:
            meter.end()
        target.place(entry.get("executable") is True)
    return {**status, "resumed_at": offset, "received": size - offset}


def _fetch(client: Client, address: Address, target: Target, version: str, offset: int, meter: Meter) -> None:
    headers = {"Range": f"bytes={offset}-", "If-Match": f'"{version}"', "Accept-Encoding": "identity"}
    query = {"path": address.path}
    with client.stream("GET", f"{address.route}/files/content", query, headers) as answer:
        for piece in answer.iter_raw():
            target.write(piece)
            meter.moved(len(piece))


def _status(client: Client, address: Address, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = client.request(
        "GET", f"{address.route}/files/status", query={"path": address.path, **query}
    )
    return found


def _persistent(attempt: Callable[[], T]) -> T:
    """Try again what a broken connection, or a file that was just being written, has stopped. Raises CliError."""
    for failures in range(_ATTEMPTS - 1):
        try:
            return attempt()
        except (Unreachable, Conflict) as error:
            if error.code not in _AGAIN and error.code != _CHANGED:
                raise
            clock.sleep(backoff(failures, clock.jitter()))
    return attempt()


def _json(answer: Any) -> Any:
    answer.read()
    return answer.json()
