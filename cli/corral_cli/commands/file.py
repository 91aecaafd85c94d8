"""file push, pull, list, read, write, remove."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from corral_cli import clock
from corral_cli.context import invocation
from corral_cli.lazy import lazy
from corral_cli.mount import noun
from corral_cli.output import field, talk
from corral_cli.reading import confirm
from corral_cli.remote.address import Address, into, parse, parse_file
from corral_cli.table import Column, Row
from corral_cli.text import clean, clean_block, relative

meter = lazy("corral_cli.remote.meter")
partial = lazy("corral_cli.remote.partial")
transfer = lazy("corral_cli.remote.transfer")

app = noun("Files on the machines: below the roots of a machine, or in the directory of a session.")

_READ = 1 << 20
_PLACE = "SERVER:PATH or @SESSION:PATH."
Place = Annotated[str, typer.Argument(metavar="PLACE", help=_PLACE)]
IfVersion = Annotated[
    str | None, typer.Option("--if-version", help="Only in the place of this version.", metavar="VERSION")
]


@app.command()
def push(
    context: typer.Context,
    local: Annotated[Path, typer.Argument(metavar="LOCAL", help="The file here.")],
    place: Place,
    if_version: IfVersion = None,
) -> None:
    """Send a file to a machine. It is there whole, and right, or not at all.

    Its SHA-256 is checked at the other end. An interrupted push goes on where it stopped when it is run again; one
    whose connection breaks tries again by itself. The executable bit is kept, missing folders are made.

    Examples:
      corral file push model.bin build-3:files/models/
      corral file push fix.patch build-3:repos/shop/fix.patch
      corral file push notes.md @build:docs/notes.md
    """
    cli = invocation(context)
    address = into(parse(place), local.name)
    done = transfer.push(cli.client, local, address, if_version)
    cli.output.result(done, _told(done, f"{local} is {address.text} now", "sent"))


@app.command()
def pull(
    context: typer.Context,
    place: Place,
    local: Annotated[Path, typer.Argument(metavar="LOCAL", help="The file here, or a folder to put it into.")] = Path(),
) -> None:
    """Fetch a file from a machine. It is here whole, and right, or not at all.

    Its SHA-256 is checked. An interrupted pull goes on where it stopped when it is run again.

    Examples:
      corral file pull build-3:repos/shop/dist/app.tar .
      corral file pull @build:coverage.xml coverage-build.xml
    """
    cli = invocation(context)
    address = parse_file(place)
    done = transfer.pull(cli.client, address, local)
    cli.output.result(done, _told(done, f"{address.text} is {done['local']} now", "received"))


@app.command("list")
def list_files(
    context: typer.Context,
    place: Place,
    limit: Annotated[int, typer.Option(min=0, help="How many; 0 for all.")] = 500,
    after: Annotated[str | None, typer.Option(help="Go on after this name.")] = None,
) -> None:
    """List a folder, by name. Links are shown as links; they are never followed.

    `SERVER:` shows the roots of a machine: files, for what belongs to no repository, its repositories, worktrees.

    Examples:
      corral file list build-3:
      corral file list build-3:repos/shop/dist
      corral file list @build: --json | jq -r '.entries[].name'
    """
    cli = invocation(context)
    found: list[Row] = []
    following: str | None = None
    for page in _pages(cli.client, parse(place), after, limit):
        found.extend(page["entries"])
        following = page["next"]
    if cli.output.quiet:
        cli.output.lines(clean(row.get("name")) for row in found)
        return
    cli.output.rows(found, _ENTRIES, envelope={"entries": found, "next": following}, empty="Nothing is there.")
    if following and not cli.output.machine and not cli.output.quiet:
        talk(f"more: add --limit 0, or --after {following}")


@app.command()
def read(
    context: typer.Context,
    place: Place,
    limit: Annotated[int, typer.Option(min=0, help="How many bytes at most; 0 for all.")] = _READ,
) -> None:
    """Print a file. Into a pipe it goes as it is; on a terminal it steers nothing.

    Its version is what `corral file write --if-version` wants: with --json beside the content.

    Examples:
      corral file read build-3:repos/shop/README.md
      corral file read build-3:files/data.bin --limit 0 > data.bin
      corral file read @build:Makefile --json | jq -r .version
    """
    cli = invocation(context)
    address = parse_file(place)
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes=0-{limit - 1}"} if limit else {})}
    with cli.client.stream("GET", f"{address.route}/files/content", {"path": address.path}, headers) as answer:
        size = int(answer.headers.get("Content-Range", "").rpartition("/")[2] or answer.headers["Content-Length"])
        if cli.output.machine or sys.stdout.isatty():
            content: bytes = answer.read()
            if cli.output.machine:
                cli.output.json(_content(address, content, size, answer.headers.get("ETag", "")))
            else:
                sys.stdout.write(clean_block(content.decode("utf-8", "replace")))
        else:
            for piece in answer.iter_raw():
                sys.stdout.buffer.write(piece)
        sys.stdout.flush()
    if limit and size > limit and not cli.output.machine:
        talk(f"corral: these are the first {limit} of {size} bytes; --limit 0 prints them all")


@app.command()
def write(
    context: typer.Context,
    place: Place,
    file: Annotated[Path | None, typer.Option("--file", help="Else: standard input.", metavar="LOCAL")] = None,
    if_version: IfVersion = None,
    new: Annotated[bool, typer.Option("--new", help="Only if there is no such file yet.")] = False,
) -> None:
    """Write a file from standard input, whole or not at all, and print its version.

    With --if-version somebody else's change is not overwritten: it is refused (exit code 5) and names the version
    that is there now.

    Examples:
      echo done | corral file write build-3:files/state
      corral file write @build:Makefile --file Makefile --if-version 18c2f-2a0-91
    """
    cli = invocation(context)
    address = parse_file(place)
    headers = {"If-Match": f'"{if_version}"'} if if_version else {}
    if new:
        headers["If-None-Match"] = "*"
    content = sys.stdin.buffer.read() if file is None else partial.read_whole(file)
    headers["Content-Length"] = str(len(content))
    with cli.client.stream("PUT", f"{address.route}/files/content", {"path": address.path}, headers, content) as answer:
        answer.read()
        done: dict[str, Any] = answer.json()
    cli.output.result(done, clean((done.get("entry") or {}).get("version") or ""))


@app.command()
def remove(
    context: typer.Context,
    place: Place,
    if_version: IfVersion = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a file, a link itself, or a folder that is empty.

    Example:
      corral file remove build-3:files/old.bin --yes
    """
    cli = invocation(context)
    address = parse_file(place)
    confirm(f"Remove {address.text}?", yes=yes)
    headers = {"If-Match": f'"{if_version}"'} if if_version else {}
    with cli.client.stream("DELETE", f"{address.route}/files/content", {"path": address.path}, headers) as answer:
        answer.read()
        cli.output.result(answer.json(), f"Removed {address.text}.")


def _pages(client: Any, address: Address, after: str | None, limit: int) -> Iterator[Any]:
    left = limit
    while True:
        asked = min(left, 5000) if limit else 5000
        page = client.request(
            "GET", f"{address.route}/files", query={"path": address.path, "after": after, "limit": asked}
        )
        yield page
        after, left = page.get("next"), left - len(page.get("entries", ()))
        if not after or (limit and left <= 0):
            return


def _content(address: Address, content: bytes, size: int, tag: str) -> dict[str, Any]:
    text = content.decode("utf-8", "replace")
    exact = text.encode() == content
    told = {"path": address.path, "version": tag.strip('"'), "size": size, "truncated": size > len(content)}
    return {**told, "content": text} if exact else {**told, "content_base64": partial.as_base64(content)}


def _told(done: Row, sentence: str, moved: str) -> str:
    count, offset = done.get(moved) or 0, done.get("resumed_at") or 0
    if not count:
        return f"{sentence}; it was already."
    went_on = f", on from {meter.amount(offset)}" if offset else ""
    return f"{sentence}: {meter.amount(count)}{went_on}, SHA-256 {str(done.get('sha256'))[:12]}… verified."


_MARKS = {"directory": "/", "symlink": "@", "other": "?"}


def _name(row: Row) -> str:
    return f"{row.get('name')}{_MARKS.get(str(row.get('kind')), '*' if row.get('executable') else '')}"


def _size(row: Row) -> str:
    return meter.amount(row.get("size") or 0) if row.get("kind") == "file" else ""


def _modified(row: Row) -> str:
    stamp = row.get("modified")
    if not isinstance(stamp, (int, float)) or not stamp:
        return ""
    return relative(datetime.fromtimestamp(stamp, UTC).isoformat(), clock.now())


_ENTRIES = (
    Column("name", _name),
    field("kind"),
    Column("size", _size),
    Column("modified", _modified),
    field("version", spare=1),
)
