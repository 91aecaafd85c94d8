"""corral file against a real machine: what arrives is what was sent, and it goes on where it stopped."""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.remote.box import Box

EVERY = bytes(range(256)) * 9000


def there(box: Box, path: str) -> Path:
    """The file itself, on the machine."""
    return box.daemon.home / "daemon" / "files" / path


def asked(box: Box, *words: str, code: int = 0, stdin: bytes | None = None) -> Any:
    done = box.corral("file", *words, "--json", stdin=stdin)
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return json.loads(done.stdout)


@pytest.fixture
def local(tmp_path: Path) -> Path:
    path = tmp_path / "every.bin"
    path.write_bytes(EVERY)
    path.chmod(0o755)
    return path


def test_there_and_back(shared_box: Box, local: Path, tmp_path: Path) -> None:
    done = asked(shared_box, "push", str(local), "box:files/a/b/every.bin")
    assert (done["sha256"], done["sent"]) == (hashlib.sha256(EVERY).hexdigest(), len(EVERY))
    arrived = there(shared_box, "a/b/every.bin")
    assert arrived.read_bytes() == EVERY
    assert stat.S_IMODE(arrived.stat().st_mode) == 0o755
    assert [one.name for one in arrived.parent.iterdir()] == ["every.bin"], "nothing is left beside it"
    assert asked(shared_box, "push", str(local), "box:files/a/b/")["sent"] == 0, "it is there already"

    back = tmp_path / "back.bin"
    asked(shared_box, "pull", "box:files/a/b/every.bin", str(back))
    assert back.read_bytes() == EVERY
    assert stat.S_IMODE(back.stat().st_mode) == 0o755
    assert sorted(one.name for one in tmp_path.iterdir()) == ["back.bin", "every.bin"]


def test_an_empty_file(shared_box: Box, tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"")
    asked(shared_box, "push", str(tmp_path / "none"), "box:files/none")
    assert there(shared_box, "none").read_bytes() == b""
    asked(shared_box, "pull", "box:files/none", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == b""


def test_a_push_goes_on_at_the_last_verified_byte(shared_box: Box, local: Path) -> None:
    from corral_daemon.remote.incoming import partial_name

    sha256 = hashlib.sha256(EVERY).hexdigest()
    there(shared_box, "half").parent.mkdir(exist_ok=True)
    waiting = there(shared_box, partial_name("half", sha256))
    waiting.write_bytes(EVERY[:1_000_000])
    done = asked(shared_box, "push", str(local), "box:files/half")
    assert (done["resumed_at"], done["sent"]) == (1_000_000, len(EVERY) - 1_000_000)
    assert there(shared_box, "half").read_bytes() == EVERY
    there(shared_box, "half").unlink()

    waiting.write_bytes(b"something else altogether")
    assert asked(shared_box, "push", str(local), "box:files/half")["resumed_at"] == 0
    assert there(shared_box, "half").read_bytes() == EVERY
    assert not waiting.exists()


def test_a_pull_goes_on_where_it_stopped(shared_box: Box, local: Path, tmp_path: Path) -> None:
    from corral_daemon.remote.incoming import partial_name  # both ends name it alike

    asked(shared_box, "push", str(local), "box:files/whole")
    sha256 = hashlib.sha256(EVERY).hexdigest()
    waiting = tmp_path / partial_name("back", sha256)
    waiting.write_bytes(EVERY[:1_000_000])
    done = asked(shared_box, "pull", "box:files/whole", str(tmp_path / "back"))
    assert (done["resumed_at"], done["received"]) == (1_000_000, len(EVERY) - 1_000_000)
    assert (tmp_path / "back").read_bytes() == EVERY

    waiting.write_bytes(b"x" * 1_000_000)
    (tmp_path / "back").unlink()
    assert asked(shared_box, "pull", "box:files/whole", str(tmp_path / "back"), code=1)["error"]["code"] == (
        "digest_mismatch"
    )
    assert not (tmp_path / "back").exists()
    asked(shared_box, "pull", "box:files/whole", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == EVERY


def test_what_is_written_against_an_old_version_is_refused(shared_box: Box) -> None:
    first = asked(shared_box, "write", "box:files/notes", stdin=b"one\n")["entry"]["version"]
    assert asked(shared_box, "read", "box:files/notes") == {
        "path": "files/notes", "version": first, "size": 4, "truncated": False, "content": "one\n",
    }  # fmt: skip
    second = asked(shared_box, "write", "box:files/notes", "--if-version", first, stdin=b"two\n")["entry"]["version"]
    refused = asked(shared_box, "write", "box:files/notes", "--if-version", first, code=5, stdin=b"three\n")
    assert refused["error"]["code"] == "version_changed"
    assert refused["error"]["details"]["version"] == second
    assert there(shared_box, "notes").read_bytes() == b"two\n"
    assert asked(shared_box, "write", "box:files/notes", "--new", code=5, stdin=b"x")["error"]["code"] == (
        "version_changed"
    )
    asked(shared_box, "remove", "box:files/notes", "--if-version", first, "--yes", code=5)
    asked(shared_box, "remove", "box:files/notes", "--if-version", second, "--yes")
    assert not there(shared_box, "notes").exists()
    asked(shared_box, "write", "box:files/notes", "--new", stdin=b"x")


def test_what_is_there(shared_box: Box) -> None:
    assert [one["name"] for one in asked(shared_box, "list", "box:")["entries"]] == ["files", "repos", "worktrees"]
    assert [one["name"] for one in asked(shared_box, "list", "box:repos")["entries"]] == ["shop"]
    folder = shared_box.world.folder / "shop" / "many"
    folder.mkdir()
    for name in ("b", "a", "\x1b]0;evil\x07", "c\u202e"):
        (folder / name).write_bytes(b"x")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_bytes(b"")
    (folder / "link").symlink_to("a")
    os.mkfifo(folder / "pipe")
    found = {one["name"]: one for one in asked(shared_box, "list", "box:repos/shop/many")["entries"]}
    assert found["link"]["kind"] == "symlink"
    assert found["pipe"]["kind"] == "other"
    assert found["\\xff"]["opaque"]
    shown = shared_box.corral("file", "list", "box:repos/shop/many").stdout
    assert b"\x1b" not in shown and b"\\x1b]0;evil\\x07" in shown and "\u202e".encode() not in shown
    first = asked(shared_box, "list", "box:repos/shop/many", "--limit", "3")
    assert [len(first["entries"]), first["next"]] == [3, "b"]
    rest = asked(shared_box, "list", "box:repos/shop/many", "--limit", "0", "--after", "b")
    assert len(rest["entries"]) + 3 == len(found)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("files/../../daemon.toml", "path_invalid"),
        ("/files/x", "path_invalid"),
        ("elsewhere/x", "root_missing"),
        ("repos/none/x", "repo_missing"),
        ("repos/shop/out/secret", "symlink_refused"),
        ("repos/shop/secret", "symlink_refused"),
        ("repos/shop/fifo", "not_a_file"),
        ("repos/shop/.git", "not_a_file"),
        ("repos/shop/nothing", "file_missing"),
    ],
)
def test_where_nobody_may_go(shared_box: Box, path: str, code: str) -> None:
    shop = shared_box.world.folder / "shop"
    outside = shared_box.world.folder / "outside"
    if not outside.exists():
        outside.mkdir()
        (outside / "secret").write_text("keep out")
        (shop / "out").symlink_to(outside)
        (shop / "secret").symlink_to(outside / "secret")
        os.mkfifo(shop / "fifo")
    for words in (("read", f"box:{path}"), ("write", f"box:{path}")):
        done = shared_box.corral("file", *words, "--json", stdin=b"x")
        if words[0] == "write" and code == "file_missing":
            continue
        told = json.loads(done.stdout)["error"]["code"]
        assert told == code or (words[0] == "write" and told == "not_a_file"), (words, told)
    assert (outside / "secret").read_text() == "keep out"
