"""Places in which work can be put: containers, virtual environments, attached devices."""

import asyncio

from corral_daemon.capabilities import Found
from corral_daemon.probing import Bench, probe

COMMANDS = {
    "docker": ("docker", "info", "--format", "{{.ServerVersion}}"),
    "podman": ("podman", "info", "--format", "{{.Version.Version}}"),
    "kubernetes": ("kubectl", "version", "--client"),
    "venv": ("python3", "-c", "import venv, ensurepip"),
    "conda": ("conda", "--version"),
    "gpu": ("nvidia-smi", "-L"),
}


@probe("environments", ttl=120)
async def environments(bench: Bench) -> Found:
    present = await asyncio.gather(*(_is_there(bench, command) for command in COMMANDS.values()))
    names = [name for name, there in zip(COMMANDS, present, strict=True) if there]
    if await _has_android_device(bench):
        names.append("android")
    return Found(environments=tuple(names))


async def _is_there(bench: Bench, command: tuple[str, ...]) -> bool:
    return bench.which(command[0]) is not None and await bench.run(*command) is not None


async def _has_android_device(bench: Bench) -> bool:
    if bench.which("adb") is None:
        return False
    printed = await bench.run("adb", "devices") or ""
    return any(line.split()[1:] == ["device"] for line in printed.splitlines())
