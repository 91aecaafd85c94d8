"""The machine's figures, from /proc where there is one and from the standard library elsewhere."""

import asyncio
import getpass
import os
import platform
import shutil
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from corral_protocol.capabilities import SystemInfo

GB = 1 << 30


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Ticks since boot."""

    busy: int
    total: int


def parse_cpu(stat: str) -> CpuTimes | None:
    """Read the first line of /proc/stat: user nice system idle iowait irq softirq steal …"""
    words = stat.partition("\n")[0].split()
    if len(words) < 5 or words[0] != "cpu":
        return None
    ticks = [int(word) for word in words[1:9]]
    idle = ticks[3] + (ticks[4] if len(ticks) > 4 else 0)
    return CpuTimes(sum(ticks) - idle, sum(ticks))


def parse_memory(meminfo: str) -> Mapping[str, int]:
    """Return the values of /proc/meminfo in bytes."""
    pairs = (line.partition(":") for line in meminfo.splitlines())
    return {
        name: int(rest.split()[0]) * 1024 for name, _, rest in pairs if rest.split()[:1] and rest.split()[0].isdigit()
    }


def percent(part: float, whole: float) -> float | None:
    return round(100.0 * part / whole, 1) if whole > 0 else None


class Meter:
    """Measures the machine; CPU load is the mean since the call before."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._cpu = _cpu_times()

    async def measure(self) -> SystemInfo:
        return await asyncio.to_thread(self.read)

    def read(self) -> SystemInfo:
        before, self._cpu = self._cpu, _cpu_times()
        memory = parse_memory(_read("/proc/meminfo"))
        total = memory.get("MemTotal") or _physical_memory()
        used = total - memory["MemAvailable"] if total and "MemAvailable" in memory else None
        disk = shutil.disk_usage(self._state if self._state.exists() else Path.home())
        return SystemInfo(
            cpu_count=os.cpu_count(),
            cpu_percent=_load(before, self._cpu),
            memory_total_gb=_gb(total),
            memory_used_gb=_gb(used),
            memory_percent=percent(used, total) if used is not None and total else None,
            disk_total_gb=_gb(disk.total),
            disk_used_gb=_gb(disk.used),
            disk_percent=percent(disk.used, disk.total),
            platform=platform.system(),
            platform_release=platform.release(),
            python_version=platform.python_version(),
            uptime_seconds=_uptime(),
            os_username=_user(),
            agent_version=daemon_version(),
        )


def daemon_version() -> str:
    try:
        return version("corral-daemon")
    except PackageNotFoundError:
        return "0+source"


def host_name() -> str:
    return socket.gethostname()


def os_name() -> str:
    return platform.system().lower()


def machine_id() -> str:
    """Return what tells this machine from others for good; empty where the system has no such thing."""
    return next((text for path in ("/etc/machine-id", "/var/lib/dbus/machine-id") if (text := _read(path).strip())), "")


def mac_address() -> str:
    node = uuid.getnode()
    return ":".join(f"{(node >> shift) & 0xFF:02x}" for shift in range(40, -8, -8))


def _cpu_times() -> CpuTimes | None:
    return parse_cpu(_read("/proc/stat"))


def _load(before: CpuTimes | None, after: CpuTimes | None) -> float | None:
    if before is None or after is None:
        return None
    return percent(after.busy - before.busy, after.total - before.total)


def _uptime() -> int | None:
    text = _read("/proc/uptime")
    return int(float(text.split()[0])) if text else None


def _physical_memory() -> int | None:
    names = os.sysconf_names
    if "SC_PHYS_PAGES" in names and "SC_PAGE_SIZE" in names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user need not have a name
        return None


def _gb(count: int | None) -> float | None:
    return None if count is None else round(count / GB, 2)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
