"""docker-compose.yml against the Compose Specification's schema, and against what deploy/README.md promises of it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.edge import DEPLOY, ROOT

FILE = ROOT / "docker-compose.yml"
SERVICES = ["postgres", "hub", "nginx"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text())


def check(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True)


def test_it_is_a_compose_file() -> None:
    checked = check(FILE)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_schema_would_tell(tmp_path: Path) -> None:
    broken = tmp_path / "docker-compose.yml"
    broken.write_text(FILE.read_text().replace("healthcheck:", "health_check:"))
    assert check(broken).returncode != 0


def test_only_the_edge_is_published(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["nginx"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert compose["services"]["postgres"]["networks"] == compose["services"]["hub"]["networks"] == ["inside"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_watched_and_confined(compose: dict[str, Any], service: str) -> None:
    settings = compose["services"][service]
    assert settings["healthcheck"]["test"]
    assert settings["restart"] == "unless-stopped"
    assert "no-new-privileges:true" in settings["security_opt"]
    assert "latest" not in settings["image"]
    assert ":" in settings["image"]


@pytest.mark.parametrize("service", ["hub", "nginx"])
def test_what_we_ship_writes_nowhere_else(compose: dict[str, Any], service: str) -> None:
    settings = compose["services"][service]
    assert settings["read_only"] is True
    assert settings["cap_drop"] == ["ALL"]
    assert "privileged" not in settings
    assert settings.get("user") not in ("root", "0", 0)


def test_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    """A credential comes from a file, never from the environment, and a setting without a default stops the start."""
    for settings in compose["services"].values():
        for name, value in settings.get("environment", {}).items():
            if any(word in name for word in ("PASSWORD", "SECRET", "DATABASE_URL")):
                assert name.endswith("_FILE"), name
                assert Path(value).name in settings["secrets"], name
    hub = compose["services"]["hub"]["environment"]
    assert ":?" in hub["CORRAL_PUBLIC_URL"]
    assert ":?" in hub["CORRAL_ADMIN_EMAIL"]


def test_what_is_mounted_is_there(compose: dict[str, Any]) -> None:
    mounts = [mount for service in compose["services"].values() for mount in service["volumes"]]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert files
    assert all((ROOT / file).is_file() for file in files), files
    assert (ROOT / compose["services"]["hub"]["build"]["dockerfile"]).is_file()


def test_make_secrets_writes_what_compose_reads(compose: dict[str, Any], tmp_path: Path) -> None:
    script = tmp_path / "make-secrets"
    script.write_text((DEPLOY / "make-secrets").read_text())
    script.chmod(0o755)
    subprocess.run([script], check=True, capture_output=True)
    written = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(written) == set(compose["secrets"])
    assert written["database_url"] == f"postgresql://corral:{written['postgres_password']}@postgres:5432/corral"
    assert len(written["corral_secret"]) >= 32
    assert len(written["admin_password"]) >= 12
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    again = subprocess.run([script], capture_output=True, text=True)
    assert again.returncode == 1
    assert "left as it is" in again.stderr


def test_the_image_does_not_run_as_root() -> None:
    stages = (DEPLOY / "Dockerfile").read_text().split("\nFROM ")
    assert "\nUSER 10001\n" in stages[-1]
