"""One line per event: time=… level=… source=… event=… key=value."""

import logging
import sys
import time

from corral_daemon.settings import LOG_LEVELS


class LineFormatter(logging.Formatter):
    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("time=%(asctime)s level=%(levelname)s source=%(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\n", "\\n")


def configure(level: str) -> None:
    """Log to stderr. The socket library's own chatter is kept to warnings: it would print frames, and keys in them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    logging.basicConfig(level=level.upper() if level.lower() in LOG_LEVELS else "INFO", handlers=[handler], force=True)
    for name in ("websockets", "asyncio", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
