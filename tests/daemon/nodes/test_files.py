"""Files of the workflow's folder, and none outside it."""

import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.confined import files
from corral_daemon.rooted.paths import PathRefused, split
from tests.daemon.nodes.step_world import Stage, stage, text

SECRET = "sesame-open-sesame"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Stage]:
    (tmp_path / "secret").write_text(SECRET)
    async with stage(tmp_path) as made:
        await made.output("fileModify", {"file_path": "notes/a.txt", "content": "one\ntwo\nthree\ntwo\n"})
        yield made


async def test_write_edit_read(here: Stage) -> None:
    edit = {"operation": "edit", "file_path": "notes/a.txt", "old_string": "two", "new_string": "2"}
    assert await here.refused("fileModify", edit) == (
        "bad_input",
        "old_string occurs 2 times in 'notes/a.txt'; give more of it, or set replace_all",
    )
    assert (await here.output("fileModify", {**edit, "replace_all": True}))["occurrences"] == 2
    read = await here.output("fileRead", {"file_path": "notes/a.txt", "offset": 1, "limit": 2})
    assert read["content"] == "     2\t2\n     3\tthree"
    assert (read["text"], read["total_lines"]) == ("2\nthree", 4)
    assert "does not occur" in (await here.refused("fileModify", {**edit, "old_string": "nine"}))[1]


async def test_search(here: Stage) -> None:
    await here.output("fileModify", {"file_path": "notes/deep/b.py", "content": "x = 'two'\n"})
    listed = await here.output("fsSearch", {"mode": "ls", "path": "notes"})
    assert [entry["name"] for entry in listed["entries"]] == ["a.txt", "deep"]
    found = await here.output("fsSearch", {"mode": "glob", "pattern": "**/*.py"})
    assert (found["matches"], found["count"]) == (["notes/deep/b.py"], 1)
    found = await here.output("fsSearch", {"mode": "grep", "pattern": "two"})
    assert [(one["path"], one["line"]) for one in found["matches"]] == [
        ("notes/a.txt", 2), ("notes/a.txt", 4), ("notes/deep/b.py", 1),
    ]  # fmt: skip
    found = await here.output("fsSearch", {"mode": "grep", "pattern": "two", "file_filter": "*.py"})
    assert found["count"] == 1
    assert (await here.refused("fsSearch", {"mode": "grep"}))[0] == "bad_input"


WAYS_OUT = ["../secret", "/etc/passwd", "notes/../../secret", "link", "way/secret", "notes/\x00", "a/" * 200 + "b",
            "..", ".", "", "pipe", "notes", "notes/a.txt/x", "loop/loop/x"]  # fmt: skip


@pytest.mark.parametrize("path", WAYS_OUT)
async def test_no_way_out(here: Stage, path: str) -> None:
    (here.workspace / "link").symlink_to(here.workspace.parent.parent / "secret")
    (here.workspace / "way").symlink_to(here.workspace.parent.parent)
    (here.workspace / "loop").symlink_to("loop")
    os.mkfifo(here.workspace / "pipe")
    for node, parameters in (
        ("fileRead", {}),
        ("fileModify", {"content": "changed"}),
        ("fileModify", {"operation": "edit", "old_string": "sesame", "new_string": "changed"}),
    ):
        result = await here.run(node, {"file_path": path, **parameters})
        assert result.error is not None
        assert result.error.kind.value == "bad_input", result.error
        assert SECRET not in text(result)
    assert (here.workspace.parent.parent / "secret").read_text() == SECRET


async def test_links_are_named_and_not_followed(here: Stage) -> None:
    (here.workspace / "way").symlink_to(here.workspace.parent.parent)
    listed = await here.output("fsSearch", {})
    assert {entry["name"]: entry["type"] for entry in listed["entries"]} == {"notes": "directory", "way": "symlink"}
    assert (await here.output("fsSearch", {"mode": "grep", "pattern": "sesame"}))["count"] == 0
    assert (await here.output("fsSearch", {"mode": "glob", "pattern": "**/secret"}))["count"] == 0
    assert (await here.refused("fsSearch", {"path": "way"}))[0] == "bad_input"


def test_a_folder_swapped_for_a_link_meanwhile_leads_nowhere(tmp_path: Path) -> None:
    """Thousands of looks while another thread swaps the folder and a link to the secret's."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "real").mkdir(parents=True)
    outside.mkdir()
    (root / "real" / "file").write_text("fine")
    (outside / "file").write_text(SECRET)
    (root / "way").symlink_to(outside)
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            for a, b in (("real", "aside"), ("way", "real"), ("real", "way"), ("aside", "real")):
                (root / a).rename(root / b)

    swapping = threading.Thread(target=swap)
    swapping.start()
    seen: set[bytes] = set()
    try:
        for _ in range(3000):
            try:
                seen.add(files.read(files.spot(root, "real/file")))
            except files.NodeFailed:
                continue
    finally:
        over.set()
        swapping.join()
    assert seen <= {b"fine"}


@given(st.lists(st.sampled_from(["a", "..", ".", "", "b c", "/", "é", "-"]), max_size=8))
def test_what_is_let_through_never_climbs(parts: list[str]) -> None:
    path = "/".join(parts)
    try:
        names = split(path)
    except PathRefused:
        assert ".." in parts or path.startswith("/")
        return
    assert all(name not in ("", ".", "..") and "/" not in name for name in names)


@given(st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=5), st.integers(0, 4))
def test_patterns(parts: list[str], cut: int) -> None:
    path = "/".join(parts)
    assert files.matches(path, path)
    assert files.matches(path, "**")
    assert files.matches(path, "/".join([*parts[:cut], "**"])) is True
    assert files.matches(path, "**/" + parts[-1])
    assert files.matches(path, "*") is (len(parts) == 1)
    assert not files.matches(path, path + "/c")


def test_a_pattern_cannot_hold_us_up() -> None:
    """Backtracking would take for ever."""
    assert not files.matches("a/" * 90 + "b", "**/a/" * 30 + "c")
    assert not files.matches("a" * 200, "*a" * 50 + "b")
