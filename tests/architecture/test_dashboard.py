"""The dashboard's shape: files stay short, imports point down, and nothing writes HTML by itself."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "dashboard" / "src"
MADE = {SOURCE / "api" / name for name in ("schema.ts", "messages.ts", "moves.ts")}
LONGEST = 300

# Which folders a folder may import from, beside itself. Nouns may look at other nouns' queries and shapes.
BELOW = {
    "api": set[str](),
    "ui": {"api"},
    "live": {"api", "ui"},
    "login": {"api", "live", "ui"},
}
NOUNS = {"inbox", "tasks", "servers", "terminals", "workflows", "runs", "settings"}
IMPORT = re.compile(r"""(?:from|import\()\s*["'](?:@/|\.\./)([a-z]+)/""")


def sources() -> Iterator[Path]:
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in {".ts", ".tsx", ".css"} and path not in MADE:
            yield path


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_file_is_short_and_imports_point_down(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST, "divide it: one component or one idea a file"
    folder = path.relative_to(SOURCE).parts[0]
    if folder in BELOW:
        above = set(IMPORT.findall(text)) - BELOW[folder] - {folder}
        assert not above, f"{folder}/ imports from {above}, which stand above it"
    if folder in NOUNS:
        assert "shell" not in set(IMPORT.findall(text)) or path.name == "routes.tsx", (
            "pages know nothing of what is around"
        )


def test_nothing_writes_html_or_runs_text() -> None:
    forbidden = re.compile(
        r"dangerouslySetInnerHTML|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    )
    hits = [str(path.relative_to(SOURCE)) for path in sources() if forbidden.search(path.read_text())]
    assert hits == []


def test_no_list_of_node_types_stands_in_the_dashboard() -> None:
    """Palette and forms are drawn from what daemons announce (invariant 1 of the design's nodes)."""
    named = re.compile(r"""["'](httpRequest|pythonExecutor|javascriptExecutor|fileRead|processManager)["']""")
    hits = [
        str(path.relative_to(SOURCE))
        for path in sources()
        if ".test." not in path.name and named.search(path.read_text())
    ]
    assert hits == []
