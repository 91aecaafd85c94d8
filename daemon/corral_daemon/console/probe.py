"""corral daemon probe: what can this machine do?"""

import argparse
import asyncio
import os
from collections.abc import Mapping
from typing import Any

from corral_daemon import settings
from corral_daemon.abilities import make_prober
from corral_daemon.console import frame
from corral_daemon.settings import Settings
from corral_protocol.capabilities import Capabilities
from corral_protocol.codec import encode

HELP = "measure what this machine can do"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    frame.add_config(parser)
    frame.add_json(parser)


def main(arguments: argparse.Namespace) -> int:
    where = frame.where(arguments)
    chosen = settings.load(where.config, os.environ) if where.config.exists() else Settings()
    found, problems = asyncio.run(_probe(chosen))
    frame.answer(arguments, {**encode(found), "problems": dict(problems)}, lambda: prose(found, problems))
    return 0


async def _probe(chosen: Settings) -> tuple[Capabilities, Mapping[str, str]]:
    prober = make_prober(chosen)
    await prober.once()
    return prober.current(), prober.problems()


def prose(found: Capabilities, problems: Mapping[str, Any]) -> str:
    lists = {
        "repos": tuple(f"{name} ({path})" for name, path in found.repos.items()),
        "languages": found.languages,
        "environments": found.environments,
        "tools": found.tools,
        "tags": found.tags,
    }
    lines = [f"{name:13}{', '.join(values) or '-'}" for name, values in lists.items()]
    lines += [f"agent {agent.name:12} {agent.version or '?'}, {_login(agent.logged_in)}" for agent in found.agents]
    lines += [f"problem in {name}: {problem}" for name, problem in problems.items()]
    return "\n".join(lines)


def _login(logged_in: bool | None) -> str:
    return {True: "logged in", False: "not logged in", None: "login state unknown"}[logged_in]
