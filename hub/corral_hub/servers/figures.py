"""The figures a machine sends about itself, for people to look at. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from corral_protocol.capabilities import SystemInfo
from corral_protocol.codec import Malformed, decode

LONGEST_UPTIME = 30 * 365 * 86_400
"""In seconds. What is more is no uptime: the published agent sends the moment of its start, in seconds since 1970."""


def read(raw: Any, now: datetime) -> SystemInfo | None:
    """Return what was sent; None if it cannot be read: a strange figure is no reason to turn a machine away."""
    try:
        info = decode(SystemInfo, raw) if isinstance(raw, dict) else None
    except Malformed:
        return None
    if info is None or info.uptime_seconds is None or info.uptime_seconds <= LONGEST_UPTIME:
        return info
    return replace(info, uptime_seconds=max(0, int(now.timestamp()) - info.uptime_seconds))
