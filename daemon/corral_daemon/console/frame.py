"""What every command shares: where the configuration is, and how to answer."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from corral_daemon.settings import Place, place


def add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", help="configuration file (default: $CORRAL_HOME/daemon.toml)")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="answer in JSON")


def where(arguments: argparse.Namespace) -> Place:
    return place(os.environ, arguments.config)


def answer(arguments: argparse.Namespace, value: Mapping[str, Any], prose: Callable[[], str]) -> None:
    """Write the answer to stdout, as JSON or as prose."""
    sys.stdout.write((json.dumps(value, default=str) if arguments.json else prose()).rstrip("\n") + "\n")
