"""requirements.lock: everything pinned by hash, nothing about where it came from, and no dependency forgotten."""

import re
import subprocess
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.source import ROOT, none_of

LOCK = ROOT / "requirements.lock"
OURS = {"corral-protocol", "corral-hub", "corral-daemon", "corral-cli"}
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;\\]+)")


def pins() -> dict[str, set[Version]]:
    """Every package of the lock file with its versions: markers may ask for more than one."""
    found: dict[str, set[Version]] = {}
    for line in LOCK.read_text().splitlines():
        if match := PINNED.match(line):
            found.setdefault(canonicalize_name(match["name"]), set()).add(Version(match["version"]))
    return found


def declared() -> Iterator[tuple[str, Requirement]]:
    """(who asks, for what) over the four distributions and the tools of this repository."""
    for folder in ("protocol", "hub", "daemon", "cli"):
        project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
        yield from ((folder, Requirement(text)) for text in project["dependencies"])
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    yield from (("dev", Requirement(text)) for text in groups["dev"])


def test_every_dependency_is_pinned() -> None:
    locked = pins()
    none_of(
        f"{who} asks for {wanted}; requirements.lock has {[str(v) for v in found] or 'nothing'}. Run `make lock`."
        for who, wanted in declared()
        if wanted.name not in OURS
        for found in [locked.get(canonicalize_name(wanted.name), set())]
        if not any(wanted.specifier.contains(version, prereleases=True) for version in found)
    )


def test_every_pin_has_hashes() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.read_text().strip())
    none_of(entry.splitlines()[0] for entry in entries if not entry.startswith("#") and "--hash=sha256:" not in entry)


def test_the_lock_names_no_address() -> None:
    none_of(line for line in LOCK.read_text().splitlines() if "://" in line or "index" in line.split("==")[0])


def test_the_distributions_move_in_lockstep() -> None:
    projects = [
        tomllib.loads((ROOT / name / "pyproject.toml").read_text())["project"]
        for name in ("protocol", "hub", "daemon", "cli")
    ]
    versions = {project["version"] for project in projects}
    assert len(versions) == 1
    wanted = {text for project in projects for text in project["dependencies"] if Requirement(text).name in OURS}
    assert wanted <= {f"corral-protocol=={versions.copy().pop()}"}


def test_uv_lock_stays_out_of_git() -> None:
    try:
        listed = subprocess.run(["git", "ls-files", "uv.lock"], cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    assert listed.stdout == "", "uv.lock holds index addresses; requirements.lock is the lock file"
