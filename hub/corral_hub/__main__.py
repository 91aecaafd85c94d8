"""The hub as a process: `python -m corral_hub [serve]`, and `bootstrap` for whoever starts it locally."""

import argparse
import asyncio
import gc
import json
import logging
import resource
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
import uvicorn

from corral_hub import bootstrap
from corral_hub.app import create_app
from corral_hub.db.database import Database
from corral_hub.db.embedded import Embedded
from corral_hub.doorman import Doorman
from corral_hub.errors import StartupError
from corral_hub.gateway.wire import Wire
from corral_hub.logs import configure
from corral_hub.settings import Settings, load_settings
from corral_hub.turn import LOST

log = structlog.get_logger()
GC_THRESHOLDS = (20_000, 20, 50)
"""A batch of the reactor makes some ten thousand objects, and nearly all of them go by reference counting."""
MOST_FILES = 65_536
FRAME_LIMIT = 33 << 20
"""Bytes. A daemon of ours sends a result and what it cost, at most 8 MiB each; published agents send up to 32 MiB."""


def main() -> None:
    arguments = _parser().parse_args()
    try:
        settings = load_settings(home=arguments.home, host=arguments.host, port=arguments.port)
        configure(settings.log_level)
        sys.exit(arguments.run(settings, arguments))
    except StartupError as error:
        sys.stderr.write(f"corral-hub: {error}\n")
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="corral-hub", description="The hub of Corral. Settings: CORRAL_* or hub.toml."
    )
    parser.add_argument("--home", type=Path, help="data directory (CORRAL_HOME)")
    parser.add_argument("--host", help="address to listen on (CORRAL_HOST, default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (CORRAL_PORT, default 8000)")
    commands = parser.add_subparsers()
    parser.set_defaults(run=serve)
    commands.add_parser("serve", help="run the hub (the default)").set_defaults(run=serve)
    first = commands.add_parser("bootstrap", help="credentials for the machine the hub runs on, as JSON")
    first.add_argument("--json", action="store_true", help="the only format; accepted for clarity")
    first.set_defaults(run=print_bootstrap)
    return parser


class HubServer(uvicorn.Server):
    """uvicorn's server, which also stops while it still waits for the database."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What lives now lives as long as the hub. Looking through it again and again cost a fifth of its time, and a
        # body of many small values had the whole heap searched.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.config.app.state.stopping = True  # type: ignore[union-attr]


def serve(settings: Settings, _: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM; then stop accepting, finish the batch in hand, stop PostgreSQL if it is ours."""
    listener = _listen(settings)
    _allow_many_files()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    embedded = None if settings.database_url else Embedded(settings.home / "postgres")
    try:
        url = settings.database_url.get_secret_value() if settings.database_url else _start(embedded)
        app = create_app(settings, Database(url))
        server = HubServer(_uvicorn_config(settings, app))
        log.info(
            "hub_starting", url=settings.url, home=str(settings.home), database="embedded" if embedded else "given"
        )
        _run(server, listener)
        return LOST if app.state.lost else 0 if server.started else 1
    finally:
        listener.close()
        if embedded is not None:
            embedded.stop()


def _allow_many_files() -> None:
    """A connection is a file. Shells give 1024, which a few idle strangers would use up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _start(embedded: Embedded | None) -> str:
    assert embedded is not None
    return embedded.start()


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    # uvicorn stops at these signals, then raises them again as they were before it came: by default that would end
    # the process before PostgreSQL, which is ours, has been stopped.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listener])


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise StartupError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Stop what uses the port, or choose another with --port or CORRAL_PORT."
        ) from error
    listener.set_inheritable(False)
    return listener


def _uvicorn_config(settings: Settings, app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=Doorman,
        ws=Wire,
        ws_max_size=FRAME_LIMIT,
        ws_per_message_deflate=False,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        timeout_graceful_shutdown=5,
        access_log=False,
        log_config=None,
        server_header=False,
    )


def print_bootstrap(settings: Settings, _: argparse.Namespace) -> int:
    answer = asyncio.run(bootstrap.make(settings))
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    logging.captureWarnings(True)
    main()
