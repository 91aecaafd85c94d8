"""The stronger source wins, a login goes only where it belongs, files survive."""

import stat
import tomllib
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.config_file import load, read_document, save_profile, to_toml, write_document
from corral_cli.errors import BadConfig, NotPermitted
from corral_cli.settings import (
    IN_PROFILE,
    KEYS,
    PRECEDENCE,
    Layer,
    Origin,
    check_document,
    check_user_document,
    environment_layer,
    require_hub_url,
    resolve,
)

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
LAYERS = st.lists(
    st.builds(
        lambda origin, values: Layer(origin, values, dict.fromkeys(values, f"the {origin}")),
        st.sampled_from(PRECEDENCE[:-1]),
        st.dictionaries(st.sampled_from(sorted(KEYS)), TEXTS),
    ),
    unique_by=lambda layer: layer.origin,
)
TABLES = st.recursive(
    st.dictionaries(TEXTS, TEXTS | st.booleans() | st.integers(-(2**60), 2**60), max_size=4),
    lambda inner: st.dictionaries(TEXTS, inner | TEXTS, max_size=3),
    max_leaves=6,
)


@given(LAYERS)
def test_each_key_comes_from_the_strongest_layer_that_has_it(layers: list[Layer]) -> None:
    for name, setting in resolve(layers).items():
        holders = [layer for layer in layers if name in layer.values]
        strongest = min(holders, key=lambda layer: PRECEDENCE.index(layer.origin), default=None)
        if strongest is None:
            assert (setting.value, setting.origin) == (KEYS[name].default, Origin.DEFAULT)
        else:
            assert (setting.value, setting.origin) == (strongest.values[name], strongest.origin)
            assert setting.where == f"the {strongest.origin}"


@given(LAYERS, st.randoms())
def test_the_order_in_which_layers_are_read_does_not_matter(layers: list[Layer], chance: object) -> None:
    shuffled = list(layers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert resolve(layers) == resolve(shuffled)


@given(TABLES)
def test_what_is_written_is_read_back(document: dict[str, object]) -> None:
    assert tomllib.loads(to_toml(document)) == document


def test_all_six_origins_in_one_load(home: Path) -> None:
    (home / ".corral.toml").write_text('project = "from-project-file"\n')
    path = home / "cli.toml"
    path.write_text(
        'output = "ndjson"\nproject = "weaker"\n[profiles.default]\nhub_url = "http://profile"\ntoken = "t"\n'
    )
    environment = {"CORRAL_CONFIG": str(path), "CORRAL_TASK_ID": "abcd"}
    settings = load({"profile": "default"}, environment, home).settings
    assert {name: setting.origin.value for name, setting in settings.items()} == {
        "hub_url": "profile", "token": "profile", "api_key": "default", "project": "project file",
        "output": "user file", "profile": "flag", "task_id": "environment", "detach_keys": "default",
    }  # fmt: skip


def test_the_project_file_is_found_in_a_folder_above(home: Path) -> None:
    (home / ".corral.toml").write_text('project = "above"\n')
    below = home / "a" / "b"
    below.mkdir(parents=True)
    assert load({}, {"CORRAL_CONFIG": str(home / "none")}, below).value("project") == "above"


def test_our_variable_goes_before_the_older_name() -> None:
    layer = environment_layer({"CORRAL_API_KEY": "ours", "ORCHESTRATIA_API_KEY": "older", "CORRAL_TOKEN": ""})
    assert layer.values == {"api_key": "ours"}
    assert layer.where == {"api_key": "CORRAL_API_KEY"}


def test_a_login_is_shown_only_to_its_own_hub(home: Path) -> None:
    path = home / "cli.toml"
    save_profile(path, "default", {"hub_url": "http://mine", "token": "secret"}, use=True)
    environment = {"CORRAL_CONFIG": str(path)}
    assert load({}, environment, home).credential.token == "secret"
    assert load({"hub_url": "http://other"}, environment, home).credential.token is None
    (home / ".corral.toml").write_text('hub_url = "http://other"\n')
    assert load({}, environment, home).credential.token is None


def test_a_repository_cannot_collect_a_token_from_the_environment(home: Path) -> None:
    (home / ".corral.toml").write_text('hub_url = "http://elsewhere"\n')
    with pytest.raises(NotPermitted) as caught:
        load({}, {"CORRAL_CONFIG": str(home / "none"), "CORRAL_API_KEY": "orc_key"}, home)
    assert caught.value.code == "credential_withheld"


def test_a_secret_may_come_from_a_file(home: Path) -> None:
    (home / "key").write_text("orc_from_file\n")
    environment = {"CORRAL_CONFIG": str(home / "none"), "CORRAL_API_KEY_FILE": str(home / "key")}
    assert load({}, environment, home).credential.api_key == "orc_from_file"


def test_the_file_is_private_whole_and_leaves_nothing_behind(home: Path) -> None:
    path = home / "deep" / "cli.toml"
    save_profile(path, "work", {"hub_url": "http://h", "token": "t", "api_key": None}, use=True)
    save_profile(path, "work", {"token": None})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_document(path) == {"profile": "work", "profiles": {"work": {"hub_url": "http://h"}}}
    assert [entry.name for entry in path.parent.iterdir()] == ["cli.toml"]


def test_a_failed_write_keeps_the_old_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = home / "cli.toml"
    write_document(path, {"project": "old"})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BadConfig, match="No space left"):
        write_document(path, {"project": "new"})
    assert read_document(path) == {"project": "old"}
    assert [entry.name for entry in home.iterdir()] == ["cli.toml"]


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({"huburl": "x"}, "did you mean 'hub_url'"),
        ({"token": "x"}, "is a secret"),
        ({"output": "xml"}, "must be one of table, json, ndjson"),
        ({"project": 3}, "must be text, not int"),
        ({"profiles": []}, "must be a table"),
        ({"profiles": {"a": 1}}, "[profiles.a]: must be a table"),
        ({"profiles": {"a": {"tokn": "x"}}}, "did you mean 'token'"),
    ],
)
def test_what_is_wrong_is_named(document: dict[str, object], complaint: str) -> None:
    problems = check_user_document(document, "file")
    assert len(problems) == 1 and complaint in problems[0]


def test_a_schema_reference_is_allowed() -> None:
    assert check_document({"$schema": "https://…", "hub_url": "http://h"}, IN_PROFILE, "file") == []


def test_broken_toml_names_file_and_line(home: Path) -> None:
    (home / "cli.toml").write_text("a = 1\nb = = 2\n")
    with pytest.raises(BadConfig, match=r"cli\.toml is not valid TOML.*line 2"):
        read_document(home / "cli.toml")


@pytest.mark.parametrize("url", ["", "hub", "ftp://x", "http://", "http://user:pw@h", "http://a b"])
def test_addresses_that_cannot_be_used(url: str) -> None:
    with pytest.raises(BadConfig) as caught:
        require_hub_url(url, "--hub-url")
    assert caught.value.code == "bad_hub_url"


def test_an_address_loses_its_slashes() -> None:
    assert require_hub_url(" https://hub.example.org// ", "x") == "https://hub.example.org"
