"""The configuration file: what is written is read back, what is wrong is named."""

import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon import toml
from corral_daemon.capabilities import Declared
from corral_daemon.errors import ConfigError
from corral_daemon.settings import Settings, load, parse, place, save, with_environment

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
NAME = TEXT.filter(bool)
VALUE = st.one_of(TEXT, st.integers(-(2**63), 2**63 - 1), st.booleans(), st.lists(TEXT))


@given(st.dictionaries(TEXT, st.one_of(VALUE, st.dictionaries(TEXT, VALUE))))
def test_toml_reads_back_what_was_written(values: dict[str, object]) -> None:
    assert tomllib.loads(toml.dump(values)) == values  # type: ignore[arg-type]


@given(NAME, st.dictionaries(NAME, NAME), st.lists(NAME), st.integers(1, 1000))
def test_settings_read_back_what_was_saved(name: str, repos: dict[str, str], tags: list[str], most: int) -> None:
    settings = Settings(
        hub_url="https://hub.example",
        api_key="orc_x",
        server_name=name,
        max_concurrent=most,
        repos=repos,
        declared=Declared(repos=repos, tags=tuple(tags)),
    )
    written: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("corral_daemon.settings.write_atomically", lambda path, text, mode: written.append(text))
        save(Path("unused"), settings)
    assert parse(written[0], "file") == settings


def test_the_file_is_private_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "daemon.toml"
    save(path, Settings(hub_url="http://h", api_key="orc_1"))
    save(path, Settings(hub_url="http://h", api_key="orc_2"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(path, {}).api_key == "orc_2"
    assert [entry.name for entry in path.parent.iterdir()] == ["daemon.toml"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "daemon.toml"
    save(path, Settings(api_key="orc_old"))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        save(path, Settings(api_key="orc_new"))
    assert load(path, {}).api_key == "orc_old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["daemon.toml"]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("hub_url = ", "line 1", "correct"),
        ('a = 1\nb = "', "line 2", "correct"),
        ('hub_ulr = "http://h"', "unknown key `hub_ulr`", "did you mean `hub_url`"),
        ("zzzzzz = 1", "unknown key", "known keys:"),
        ("[declared]\nlanguage = []", "unknown key `declared.language`", "`declared.languages`"),
        ('max_concurrent = "2"', "`max_concurrent` must be a number", ""),
        ("max_concurrent = 0", "at least 1", ""),
        ("max_concurrent = true", "must be a number", ""),
        ('hub_url = "hub.example"', "must begin with http", ""),
        ('log_level = "loud"', "one of debug, info", ""),
        ('repos = "x"', "must be a table", ""),
        ("[repos]\nx = 1", "`repos.x` must be a string", ""),
        ('[declared]\ntags = "x"', "must be a list of strings", ""),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "daemon.toml")
    assert "daemon.toml" in str(caught.value)
    assert message in str(caught.value)
    assert hint in caught.value.hint


def test_a_missing_file_says_how_to_join(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "none.toml", {})
    assert caught.value.code == "not_enrolled"
    assert "corral join" in caught.value.hint


def test_the_environment_overrides_but_never_the_key() -> None:
    environment = {
        "CORRAL_DAEMON_MAX_CONCURRENT": "7",
        "CORRAL_DAEMON_LOG_LEVEL": "debug",
        "CORRAL_API_KEY": "task-token",
        "CORRAL_HUB_URL": "http://elsewhere",
        "CORRAL_DAEMON_API_KEY": "x",
    }
    settings = with_environment(Settings(api_key="orc_1", hub_url="http://h"), environment)
    assert (settings.max_concurrent, settings.log_level) == (7, "debug")
    assert (settings.api_key, settings.hub_url) == ("orc_1", "http://h")
    with pytest.raises(ConfigError, match="CORRAL_DAEMON_MAX_CONCURRENT"):
        with_environment(Settings(), {"CORRAL_DAEMON_MAX_CONCURRENT": "many"})


def test_places() -> None:
    assert place({"HOME": "/h"}).config == Path("/h/.local/share/corral/daemon.toml")
    assert place({"HOME": "/h", "XDG_DATA_HOME": "/x"}).state == Path("/x/corral/daemon")
    assert place({"CORRAL_HOME": "/c"}).config == Path("/c/daemon.toml")
    assert place({"CORRAL_HOME": "/c", "CORRAL_DAEMON_CONFIG": "/d.toml"}).config == Path("/d.toml")
    assert place({"CORRAL_HOME": "/c", "CORRAL_DAEMON_CONFIG": "/d.toml"}, "/e.toml").config == Path("/e.toml")


def test_the_key_is_not_in_the_repr() -> None:
    assert "orc_secret" not in repr(Settings(api_key="orc_secret"))


def test_what_nodes_may_reach_is_read_and_what_means_nothing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "daemon.toml"
    path.write_text('http_allow = ["10.0.0.0/8", "wiki.example:8080"]\n')
    settings = load(path, {})
    assert settings.http_allow == ("10.0.0.0/8", "wiki.example:8080")
    save(path, settings)
    assert load(path, {}) == settings
    for text in ('http_allow = ["http://wiki"]', "http_allow = [1]", 'http_allow = "10.0.0.0/8"'):
        with pytest.raises(ConfigError, match="http_allow"):
            parse(text, "file")
