"""Nothing of the machine this was written on, and no credential, is in the repository."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, none_of

# Patterns are written so that they do not match themselves.
FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.~-])/(?:(?:home|Users)/(?!you\b)[a-z][\w.-]*/|(?:root|work)/[\w.])",
    "a package index": r"[p]ypi\.org/simple|files\.[p]ythonhosted|registry\.[n]pmjs|(?:extra-)?[i]ndex-url\s*[=:]\s*\S",
    "a local package index": r"[f]ile:///|/opt/[p]ypi",
    "a private key": r"-----BEGIN [A-Z ]*[P]RIVATE KEY",
    "a server key of ours": r"\b[o]rc_[A-Za-z0-9_-]{32,}",
    "a registration token of ours": r"\b[o]rcreg_[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{20,}",
    "a token of a code host": r"\bgh[pousr]_[A-Za-z0-9]{30,}|\bglpat-[\w-]{20}",
    "a key of an LLM provider": r"\bsk-[A-Za-z0-9-]{24,}|\bAIza[\w-]{30,}",
    "a cloud key": r"\bAKIA[0-9A-Z]{16}\b",
    "a signed token": r"\beyJ[\w-]{16,}\.eyJ[\w-]{16,}\.",
}
COMPILED = {what: re.compile(pattern) for what, pattern in FORBIDDEN.items()}


def tracked() -> list[Path]:
    """The files that git knows or would take in. Skips the test outside a git checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_nothing_of_this_machine_is_committed() -> None:
    none_of(
        f"{path.relative_to(ROOT)}:{number} holds {what}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        for what, pattern in COMPILED.items()
        if pattern.search(line)
    )


def test_no_key_files_are_committed() -> None:
    secret = {".pem", ".key", ".p12", ".pfx", ".env", ".sqlite", ".toml.bak"}
    none_of(
        f"{path.relative_to(ROOT)} does not belong into git"
        for path in tracked()
        if path.suffix in secret or path.name == ".env"
    )


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("/ho" + "me/ada/src", "a path of somebody's machine"),
        ("cp x /ro" + "ot/.ssh", "a path of somebody's machine"),
        ("--index" + "-url=https://x", "a package index"),
        ("or" + "c_" + "a" * 43, "a server key of ours"),
        ("ey" + "J" + "a" * 20 + ".ey" + "J" + "b" * 20 + ".c", "a signed token"),
    ],
)
def test_the_patterns_see(line: str, what: str) -> None:
    assert COMPILED[what].search(line)
