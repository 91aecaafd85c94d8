"""What a check says. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`why` says what was seen, `fix` what to do about it; a finding that is ok needs no fix."""

    check: str
    level: Level
    why: str
    fix: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def ok(check: str, why: str) -> Finding:
    return Finding(check, "ok", why)


def warn(check: str, why: str, fix: str) -> Finding:
    return Finding(check, "warn", why, fix)


def fail(check: str, why: str, fix: str) -> Finding:
    return Finding(check, "fail", why, fix)


def verdict(findings: Iterable[Finding]) -> Level:
    """Return the worst level."""
    levels = {finding.level for finding in findings}
    return "fail" if "fail" in levels else "warn" if "warn" in levels else "ok"


def summary(findings: Sequence[Finding]) -> str:
    """Say in one sentence how it stands."""
    failed, warned = (sum(finding.level == level for finding in findings) for level in ("fail", "warn"))
    if failed:
        return f"{failed} of {len(findings)} checks failed; what an arrow points to repairs it."
    return f"All is well{f', but for {warned} remark' + 's' * (warned > 1) if warned else ''}."


def judge_disk(free: int, total: int, where: str) -> Finding:
    """Judge free space in bytes where Corral keeps its data."""
    said = f"{free / 1e9:.1f} GB of {total / 1e9:.0f} GB are free in {where}"
    if free < 500_000_000:
        return fail("disk", said, "Free some space: below 0.5 GB the database and the daemon's spool stop taking data.")
    if free < 2_000_000_000:
        return warn("disk", said, "Free some space soon; worktrees and task output need room.")
    return ok("disk", said)


def judge_clock(offset: float) -> Finding:
    """Judge how many seconds this machine's clock is ahead of the hub's."""
    said = f"this machine's clock is {abs(offset):.1f} s {'ahead of' if offset > 0 else 'behind'} the hub's"
    if abs(offset) > 60:
        return fail("clock", said, "Set the clock, e.g. by NTP: logins expire at the wrong moment otherwise.")
    if abs(offset) > 5:
        return warn("clock", said, "Synchronise the clock by NTP; times shown for tasks are off by this much.")
    return ok("clock", "this machine and the hub agree about the time")


def judge_mode(path: str, mode: int) -> Finding:
    """Judge the permissions of a file with secrets in it."""
    if mode & 0o077:
        return fail(
            "config permissions", f"{path} has mode {mode:04o}: other accounts can read it", f"chmod 600 {path}"
        )
    return ok("config permissions", f"{path} is private")
