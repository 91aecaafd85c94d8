"""Which version of a CLI is installed, and has somebody logged in? Looked up in files and variables, never online."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from corral_protocol.capabilities import AgentCli

_WITHIN = 20.0
_UNKNOWN = None if sys.platform == "darwin" else False
"""Some CLIs keep their credentials in the keychain there, which we do not open."""
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?[\w.+-]*")


async def installed(
    name: str,
    binary: str,
    *,
    variables: Sequence[str],
    files: Sequence[str],
    home: tuple[str, str] = ("", ""),
    otherwise: bool | None = _UNKNOWN,
) -> AgentCli | None:
    """One of `files`, or one of `variables`, tells that somebody logged in; without them it is as `otherwise` says.

    `home` is where the files are: a variable that names the folder, and its place below the user's home without it.
    """
    path = shutil.which(binary)
    if path is None:
        return None
    printed = await _version(path)
    if printed is None:
        return AgentCli(name=name, path=path, detail=f"`{binary} --version` fails")
    match = _VERSION.search(printed)
    variable = next((variable for variable in variables if os.environ.get(variable)), None)
    found = variable or await asyncio.to_thread(_first_file, _folder(*home), files)
    return AgentCli(
        name=name,
        version=match.group() if match else None,
        path=path,
        logged_in=True if found else otherwise,
        detail=f"credentials from {found}" if found else None,
    )


def _folder(variable: str, place: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / place)


def _first_file(folder: Path, files: Sequence[str]) -> str | None:
    return next((str(folder / name) for name in files if _is_filled(folder / name)), None)


def _is_filled(path: Path) -> bool:
    try:
        return path.stat().st_size > 2
    except OSError:
        return False


async def _version(path: str) -> str | None:
    try:
        process = await asyncio.create_subprocess_exec(
            path,
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), _WITHIN)
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return printed.decode("utf-8", "replace") if process.returncode == 0 else None
