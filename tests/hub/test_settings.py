"""What the hub refuses to start with: secrets that are none, and secrets that others may read."""

from pathlib import Path

import pytest

from corral_hub.errors import StartupError
from corral_hub.settings import load_settings

GOOD = "Zk2mQ8vT4xLw7RbN1sJc6YhD3gFp9Ae5"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("SECRET", "ADMIN_PASSWORD", "DATABASE_URL", "HOST", "PORT"):
        monkeypatch.delenv(f"CORRAL_{name}", raising=False)
        monkeypatch.delenv(f"CORRAL_{name}_FILE", raising=False)
    monkeypatch.setenv("CORRAL_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["CORRAL_SECRET", "CORRAL_ADMIN_PASSWORD"])
@pytest.mark.parametrize(
    "value",
    ["changeme", "Change-Me-In-Production-Please-Now!!", "change_this_secret_change_this_secret", "x" * 40, "----",
     "<your-secret-here-your-secret-here>", "PLACEHOLDER-0123456789-0123456789-01", "password", "ab" * 20],
)  # fmt: skip
def test_placeholders(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StartupError, match=f"{name} is a placeholder") as refused:
        load_settings()
    assert value not in str(refused.value)


@pytest.mark.parametrize(("name", "length"), [("CORRAL_SECRET", 32), ("CORRAL_ADMIN_PASSWORD", 12)])
def test_secrets_that_are_short(monkeypatch: pytest.MonkeyPatch, home: Path, name: str, length: int) -> None:
    monkeypatch.setenv(name, GOOD[: length - 1])
    with pytest.raises(StartupError, match=f"shorter than {length}"):
        load_settings()
    monkeypatch.delenv(name)
    (home / "given").write_text(GOOD[:length] + "\n")
    monkeypatch.setenv(f"{name}_FILE", str(home / "given"))
    assert getattr(load_settings(), name.removeprefix("CORRAL_").lower()).get_secret_value() == GOOD[:length]


@pytest.mark.parametrize("setting", [f'secret = "{GOOD}"', 'database_url = "postgresql://me:hidden@localhost/corral"'])
def test_a_file_with_secrets_is_its_owners_alone(home: Path, setting: str) -> None:
    path = home / "hub.toml"
    path.write_text(f"port = 8001\n{setting}\n")
    for mode in (0o644, 0o640, 0o604):
        path.chmod(mode)
        with pytest.raises(StartupError, match=f"chmod 600 {path}"):
            load_settings()
    path.chmod(0o600)
    settings = load_settings()
    assert settings.port == 8001 and "hidden" not in repr(settings) and GOOD not in repr(settings)


def test_a_file_without_secrets_is_anybodys(home: Path) -> None:
    (home / "hub.toml").write_text("port = 8001\n")
    (home / "hub.toml").chmod(0o644)
    assert load_settings().port == 8001
