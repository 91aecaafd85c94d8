"""Languages whose compiler or interpreter answers."""

import asyncio

from corral_daemon.capabilities import Found
from corral_daemon.probing import Bench, probe

COMMANDS = {
    "python": (("python3", "--version"), ("python", "--version")),
    "node": (("node", "--version"),),
    "javascript": (("node", "--version"),),
    "typescript": (("tsc", "--version"),),
    "go": (("go", "version"),),
    "rust": (("rustc", "--version"),),
    "java": (("javac", "-version"),),
    "kotlin": (("kotlinc", "-version"),),
    "c": (("cc", "--version"),),
    "c++": (("c++", "--version"),),
    "ruby": (("ruby", "--version"),),
    "php": (("php", "--version"),),
    "dotnet": (("dotnet", "--version"),),
    "swift": (("swift", "--version"),),
    "dart": (("dart", "--version"),),
    "elixir": (("elixir", "--version"),),
    "perl": (("perl", "--version"),),
    "bash": (("bash", "--version"),),
}


@probe("languages", ttl=900)
async def languages(bench: Bench) -> Found:
    present = await asyncio.gather(*(_speaks(bench, commands) for commands in COMMANDS.values()))
    return Found(languages=tuple(name for name, there in zip(COMMANDS, present, strict=True) if there))


async def _speaks(bench: Bench, commands: tuple[tuple[str, ...], ...]) -> bool:
    for command in commands:
        if bench.which(command[0]) and await bench.run(*command) is not None:
            return True
    return False
