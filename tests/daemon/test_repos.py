"""Repositories are entered by the machine's owner, while the daemon runs."""

import asyncio
import os
import subprocess
import threading
from pathlib import Path

import pytest

from corral_daemon import repos, settings
from corral_daemon.errors import ConfigError
from corral_daemon.settings import Settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "home" / "daemon.toml"
    settings.save(path, Settings(hub_url="http://h", api_key="k", server_name="s", max_concurrent=7))
    return path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
    return tmp_path / "repo"


def test_a_repository_is_added_and_nothing_else_changes(config: Path, repository: Path) -> None:
    assert repos.add(config, "site", repository) == {"site": str(repository)}
    known = settings.load(config, {})
    assert known.repos == {"site": str(repository)}
    assert (known.api_key, known.max_concurrent) == ("k", 7)
    assert config.stat().st_mode & 0o777 == 0o600
    assert repos.remove(config, "site") == {}


def test_what_is_no_repository_is_refused(config: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a git repository"):
        repos.add(config, "site", tmp_path)
    with pytest.raises(ConfigError, match="not a name"):
        repos.add(config, "../etc", tmp_path)
    with pytest.raises(ConfigError, match="no repository"):
        repos.remove(config, "site")


def test_a_machine_that_is_not_enrolled_is_told(tmp_path: Path, repository: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        repos.add(tmp_path / "nowhere" / "daemon.toml", "site", repository)
    assert "corral join" in caught.value.hint


def test_additions_at_the_same_time_are_all_kept(config: Path, repository: Path) -> None:
    threads = [threading.Thread(target=repos.add, args=(config, f"r{n}", repository)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(settings.load(config, {}).repos) == 12


def test_a_running_daemon_sees_additions(config: Path, repository: Path) -> None:
    seen = repos.Repositories(config, {})
    assert dict(seen) == {}
    repos.add(config, "site", repository)
    assert seen["site"] == str(repository)
    assert len(seen) == 1


def test_a_broken_file_changes_nothing(config: Path, repository: Path, caplog: pytest.LogCaptureFixture) -> None:
    repos.add(config, "site", repository)
    seen = repos.Repositories(config, settings.load(config, {}).repos)
    config.write_text("repos = = 1")
    assert dict(seen) == {"site": str(repository)}
    config.unlink()
    assert dict(seen) == {"site": str(repository)}
    assert "config_not_reread" in caplog.text


async def test_the_watch_tells_of_changes_only(config: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repos, "LOOK_EVERY", 0.001)
    told = asyncio.Event()

    async def tell() -> None:
        told.set()

    watch = asyncio.create_task(repos.Repositories(config, {}).watch(tell))
    os.utime(config)
    repos.add(config, "site", repository)
    await asyncio.wait_for(told.wait(), 10)
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
