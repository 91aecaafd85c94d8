"""Which file answers a request for a page."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.web.pages import FOREVER, INDEX, NOT_BUILT, Page, answer, choose, find, is_for_programs, shelve
from corral_hub.web.shelf import Shelf

FILES = {
    INDEX: b"<!doctype html>",
    "assets/app-1a2b.js": b"code",
    "assets/app-1a2b.js.br": b"b",
    "assets/app-1a2b.js.gz": b"gz",
    "favicon.svg": b"<svg/>",
    "notes.gz": b"of its own",
    ".vite/manifest.json": b"{}",
}
SHELF = shelve(FILES)
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"


def test_twins_are_no_pages_and_hidden_files_neither() -> None:
    assert SHELF.keys() == {INDEX, "assets/app-1a2b.js", "favicon.svg", "notes.gz"}
    assert SHELF["assets/app-1a2b.js"].twins == {"br": b"b", "gzip": b"gz"}


@pytest.mark.parametrize(
    ("path", "accept", "name"),
    [("/", "", INDEX), ("/", "*/*", INDEX), ("/tasks/5d0e", HTML, INDEX), ("/tasks/5d0e", "*/*", None),
     ("/assets/app-1a2b.js", "*/*", "assets/app-1a2b.js"), ("/assets/old-ffff.js", HTML, None),
     ("/favicon.svg", "image/*", "favicon.svg"), ("/assets/app-1a2b.js.br", "*/*", None),
     ("/.vite/manifest.json", "*/*", None), ("/../secret.key", "*/*", None), ("//etc/passwd", "*/*", None)],
)  # fmt: skip
def test_what_is_found(path: str, accept: str, name: str | None) -> None:
    page = find(path, accept, SHELF)
    assert (page and page.name) == name


@given(st.text(string.printable), st.sampled_from(["", "*/*", HTML]))
def test_only_what_was_built_is_ever_found(path: str, accept: str) -> None:
    page = find(path, accept, SHELF)
    assert page is None or page in SHELF.values()


@pytest.mark.parametrize(
    ("path", "for_programs"),
    [("/api/v1/nothing", True), ("/ws/nothing", True), ("/webhook", True), ("/metrics", True), ("/openapi.json", True),
     ("/", False), ("/apis", False), ("/tasks", False)],
)  # fmt: skip
def test_what_is_for_programs(path: str, for_programs: bool) -> None:
    assert is_for_programs(path) is for_programs


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("", None), ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("*", "br"),
     ("*;q=0", None), ("GZIP", "gzip"), ("br;q=0.0, *;q=0.1", "gzip"), ("identity", None), (";;,", None)],
)  # fmt: skip
def test_codings(accepted: str, coding: str | None) -> None:
    assert choose(accepted, ["br", "gzip"]) == coding


@given(st.text(max_size=50), st.text(max_size=50))
def test_no_header_breaks_an_answer(accepted: str, known: str) -> None:
    assert answer(SHELF["assets/app-1a2b.js"], accepted, known).status in (200, 304)


def test_what_changes_is_asked_for_again_what_does_not_is_kept() -> None:
    index, script = (answer(SHELF[name], "", "").headers for name in (INDEX, "assets/app-1a2b.js"))
    assert (index["Cache-Control"], script["Cache-Control"]) == ("no-cache", FOREVER)
    again = answer(SHELF[INDEX], "br", f'"other", {index["ETag"]}')
    assert (again.status, again.content, again.headers["ETag"]) == (304, b"", index["ETag"])
    assert answer(Page(INDEX, b"newer"), "", index["ETag"]).status == 200


def test_no_script_but_ours() -> None:
    policy = answer(SHELF[INDEX], "", "").headers["Content-Security-Policy"]
    scripts = [part for part in policy.split("; ") if part.startswith(("script-src", "default-src"))]
    assert scripts == ["default-src 'none'", "script-src 'self'"]
    assert policy.count("unsafe") == 1 and "eval" not in policy


async def test_links_lead_nowhere_and_a_new_build_is_seen(tmp_path: Path) -> None:
    folder, secret = tmp_path / "static", tmp_path / "secret.key"
    secret.write_text("hidden")
    shelf = Shelf(folder)
    assert await shelf.pages() == {}
    (folder / "assets").mkdir(parents=True)
    (folder / "leak.txt").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    (folder / INDEX).write_text("first")
    assert (await shelf.pages()).keys() == {INDEX}
    (folder / INDEX).write_text("the second")
    (folder / "assets" / "a-1.js").write_text("1")
    assert (await shelf.pages()).keys() == {INDEX, "assets/a-1.js"}
    assert (await shelf.pages())[INDEX].content == b"the second"
    (folder / INDEX).unlink()
    assert await shelf.pages() == {}
    assert "make dashboard" in NOT_BUILT
