"""The CLI run in this process, against a fake hub, with a home of its own."""

import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corral_cli import live
from corral_cli.__main__ import main
from corral_protocol.frames import Kind
from tests.cli.desk import Desk, sitting
from tests.cli.hub import FakeHub, serve
from tests.cli.stage import Stage, Viewer


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Corral = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, no variables of ours, a configuration file nobody else uses."""
    for name in [name for name in os.environ if name.startswith(("CORRAL_", "ORCHESTRATIA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CORRAL_CONFIG", str(tmp_path / "config" / "cli.toml"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(live, "POLL", 0.01)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def hub(home: Path) -> Iterator[FakeHub]:
    with serve() as fake:
        yield fake


@pytest.fixture
def corral(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Corral:
    """Run `corral WORDS`; `stdin` is its input, other keywords are variables of its environment."""

    def run(*words: str, stdin: str = "", **variables: str) -> Result:
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            patch.setattr("sys.stdin", io.StringIO(stdin))
            capfd.readouterr()
            code = main(words)
        captured = capfd.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def person(corral: Corral, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> Corral:
    """The CLI of somebody logged in to the fake hub."""
    monkeypatch.setenv("CORRAL_HUB_URL", hub.url)
    monkeypatch.setenv("CORRAL_TOKEN", "jwt-of-a-person")
    return corral


@pytest.fixture
def agent(corral: Corral, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> Corral:
    """The CLI within a task."""
    monkeypatch.setenv("CORRAL_HUB_URL", hub.url)
    monkeypatch.setenv("CORRAL_API_KEY", "orc_key")
    monkeypatch.setenv("CORRAL_TASK_ID", "11112222-0000-4000-8000-000000000000")
    return corral


@pytest.fixture
def stage(hub: FakeHub) -> Stage:
    """A session on the fake hub."""
    return Stage(hub)


@pytest.fixture
def attached(stage: Stage) -> Iterator[tuple[Desk, Viewer]]:
    """Somebody in a real terminal who drives the session and sees its prompt."""
    with sitting("attach", "build", **stage.login) as desk:
        viewer = stage.viewer()
        viewer.admit()
        viewer.send(Kind.SNAPSHOT, 1000, b"$ ")
        desk.sees(b"$ ")
        yield desk, viewer
