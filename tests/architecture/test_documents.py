"""Documents that are true: generated pages are current, links and paths lead somewhere, commands exist."""

import re
from collections.abc import Iterator
from pathlib import Path

from docs.generate import pages
from tests.architecture.source import ROOT, none_of, product

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]+)?\)")
CODE = re.compile(r"`([^`\n]+)`")
OURS = re.compile(r"(?:protocol|hub|daemon|cli|deploy|docs|tests|scripts|bench|\.ci)/[\w./-]+")
TARGET = re.compile(r"\bmake ([a-z][a-z-]*)\b")


def documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")]


def mentioned(path: Path, pattern: re.Pattern[str]) -> Iterator[str]:
    """What the pattern finds in the pieces of code of a document."""
    text = path.read_text()
    blocks = re.findall(r"```.*?```", text, re.DOTALL) + re.findall(r"^ {4}.*$", text, re.MULTILINE)
    for piece in [*CODE.findall(text), *blocks]:
        yield from (match[1] if match.groups() else match[0] for match in [*pattern.finditer(piece)])


def test_generated_pages_are_current() -> None:
    none_of(
        f"{path.relative_to(ROOT)} is older than the code it is made from; run `make docs`"
        for path, text in pages().items()
        if not path.exists() or path.read_text() != text
    )


def test_links_lead_somewhere() -> None:
    none_of(
        f"{path.relative_to(ROOT)} links to {target}, which is not there"
        for path in documents()
        for target, _ in LINK.findall(path.read_text())
        if not (path.parent / target).exists()
    )


def test_paths_exist() -> None:
    """A path of ours in `code` exists; generated and secret ones that git ignores are spared."""
    none_of(
        f"{path.relative_to(ROOT)} speaks of {name}, which is not there"
        for path in documents()
        for name in mentioned(path, OURS)
        if not name.startswith(("deploy/tls", "deploy/secrets", "bench/results"))
        if not (ROOT / name.rstrip("./")).exists()
    )


def test_hints_name_pages_that_exist() -> None:
    """An error that sends its reader to a page must not send it nowhere."""
    none_of(
        f"{source.name} names {page}, which is not there"
        for source in product()
        for page in re.findall(r"docs/(?:adr|reference)/[\w-]+\.md", source.text)
        if not (ROOT / page).exists()
    )


def test_make_knows_what_documents_ask_of_it() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    none_of(
        f"{path.relative_to(ROOT)} says `make {name}`, which the Makefile does not know"
        for path in documents()
        for name in mentioned(path, TARGET)
        if name not in targets
    )


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "adr"
    listed = (folder / "README.md").read_text()
    none_of(f"docs/adr/README.md does not list {path.name}" for path in folder.glob("0*.md") if path.name not in listed)
