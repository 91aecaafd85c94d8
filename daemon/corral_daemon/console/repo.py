"""corral daemon repo: which repositories may be worked on here. Only the owner of the configuration can say."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from corral_daemon import repos
from corral_daemon.console import frame

HELP = "offer a repository of this machine, or stop offering it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="VERB", required=True, dest="verb")
    add = verbs.add_parser("add", help="offer a repository; a running daemon notices by itself")
    add.add_argument("name", metavar="NAME", help="what tasks call it")
    add.add_argument("path", metavar="PATH", type=Path, help="where it is")
    remove = verbs.add_parser("remove", help="stop offering a repository; its files stay")
    remove.add_argument("name", metavar="NAME")
    for verb in (add, remove):
        frame.add_config(verb)
        frame.add_json(verb)


def main(arguments: argparse.Namespace) -> int:
    config = frame.where(arguments).config
    if arguments.verb == "add":
        offered = repos.add(config, arguments.name, arguments.path)
    else:
        offered = repos.remove(config, arguments.name)
    frame.answer(
        arguments,
        {"repos": dict(offered)},
        lambda: _listed(offered) or "no repositories are offered",
    )
    return 0


def _listed(offered: Mapping[str, str]) -> str:
    width = max(map(len, offered), default=0)
    return "\n".join(f"{name:<{width}}  {path}" for name, path in offered.items())
