"""corral join: enrol this machine."""

import argparse
import asyncio
import sys
from dataclasses import asdict, replace
from pathlib import Path

from corral_daemon import enrol, settings, system
from corral_daemon.abilities import make_prober
from corral_daemon.capabilities import Declared
from corral_daemon.console import frame
from corral_daemon.errors import ConfigError
from corral_daemon.settings import Place, Settings

HELP = "enrol this machine with a registration token"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("token", metavar="TOKEN", help="from `corral token create`; `-` reads it from stdin")
    parser.add_argument("--name", help="the server's name (default: the host name)")
    parser.add_argument("--repo", action="append", default=[], metavar="NAME=PATH", help="a repository to offer")
    parser.add_argument("--max-concurrent", type=int, metavar="N", help="units at the same time")
    frame.add_config(parser)
    frame.add_json(parser)


def main(arguments: argparse.Namespace) -> int:
    where = frame.where(arguments)
    token = sys.stdin.readline() if arguments.token == "-" else arguments.token  # noqa: S105 - a dash is no secret
    wanted = wanted_settings(_existing(where.config), arguments.name, arguments.repo, arguments.max_concurrent)
    joined = asyncio.run(_join(token, where, wanted))
    frame.answer(
        arguments,
        asdict(joined),
        lambda: (
            f"{joined.server_name} joined {joined.hub_url}; the key is in {joined.config}\n"
            "Next: corral daemon run, or corral daemon install"
        ),
    )
    return 0


def wanted_settings(existing: Settings, name: str | None, repos: list[str], max_concurrent: int | None) -> Settings:
    """Return `existing` with the flags applied. Pure but for the working directory of relative paths."""
    if max_concurrent is not None and max_concurrent < 1:
        raise ConfigError(f"--max-concurrent must be at least 1, not {max_concurrent}", "leave it out for the default")
    all_repos = {**existing.repos, **dict(_repo(text) for text in repos)}
    return replace(
        existing,
        server_name=name or existing.server_name or system.host_name(),
        max_concurrent=max_concurrent or existing.max_concurrent,
        repos=all_repos,
        declared=replace(existing.declared, repos=all_repos),
    )


async def _join(token: str, where: Place, wanted: Settings) -> enrol.Joined:
    prober = make_prober(wanted)
    await prober.once()
    figures = await system.Meter(where.state).measure()
    return await enrol.join(token, where.config, wanted, prober.current(), figures)


def _existing(config: Path) -> Settings:
    """Return what is configured already; a new enrolment keeps repositories and declarations."""
    if not config.exists():
        return Settings(declared=Declared())
    return settings.load(config, {})  # what the environment says is not to be written down


def _repo(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not name or not equals or not path:
        raise ConfigError(f"--repo takes NAME=PATH, not {text!r}", "for example: --repo website=/srv/website")
    return name, str(Path(path).expanduser().resolve())
