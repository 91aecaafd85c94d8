"""The daemon installs on a machine without a compiler: into an empty environment, from pure-Python wheels alone."""

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, none_of

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
PURE_ONLY = ["--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none"]


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our two wheels, and pure-Python wheels of everything that they need."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in ("protocol", "daemon"):
        built = run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT / name)
        assert built.returncode == 0, built.stderr
    if run(*PIP, "download", "--no-deps", "--dest", folder, *PURE_ONLY, "httpx").returncode:
        pytest.skip("no package index can be reached")
    fetched = run(*PIP, "download", "--find-links", folder, "--dest", folder, *PURE_ONLY, "corral-daemon")
    assert fetched.returncode == 0, f"something the daemon needs has no pure-Python wheel:\n{fetched.stderr}"
    return folder


@pytest.mark.slow
def test_every_wheel_is_pure_python(wheels: Path) -> None:
    none_of(f"{wheel.name} is compiled" for wheel in wheels.iterdir() if not wheel.stem.endswith("-none-any"))


@pytest.mark.slow
def test_it_starts_in_an_empty_environment(wheels: Path, tmp_path: Path) -> None:
    venv.create(tmp_path, with_pip=True)
    python = tmp_path / "bin" / "python"
    installed = run(python, "-m", "pip", "install", "--quiet", "--no-index", "--find-links", wheels, "corral-daemon")
    assert installed.returncode == 0, installed.stderr
    helped = run(tmp_path / "bin" / "corral-daemon", "--help")
    assert helped.returncode == 0, helped.stderr
    hub = run(python, "-c", "import corral_hub")
    assert "ModuleNotFoundError" in hub.stderr
