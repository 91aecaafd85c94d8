"""Deployments as people see them."""

from collections.abc import Mapping, Sequence
from typing import Any

from corral_cli.output import field
from corral_cli.table import Column, Row
from corral_cli.text import clean
from corral_cli.views import when


def trigger_line(trigger: Mapping[str, Any]) -> str:
    """Return `tick  cron  every 5 minutes (Europe/Paris), next 2026-11-26T06:00:00Z  fired 3 times`."""
    words = [str(trigger.get("node")), str(trigger.get("kind")), _about(trigger)]
    fires = trigger.get("fires") or 0
    words.append(f"fired {fires} times" if fires else "")
    return clean("  ".join(filter(None, words)))


def _about(trigger: Mapping[str, Any]) -> str:
    if trigger.get("kind") == "webhook":
        secured = "" if trigger.get("authentication") == "none" else f", asks for {trigger.get('authentication')}"
        return f"{'|'.join(trigger.get('methods') or ())} {trigger.get('url')}{secured}"
    if trigger.get("kind") == "cron":
        following = trigger.get("next_at") or "never"
        return f"{trigger.get('schedule')} ({trigger.get('timezone')}), next {following}"
    return ""


def _triggers(row: Row) -> str:
    return "\n".join(map(trigger_line, row.get("triggers") or ()))


def summary(found: Mapping[str, Any]) -> str:
    """Return what `workflow deploy` says, on one line."""
    armed = "; ".join(trigger_line(trigger) for trigger in found["triggers"] if trigger.get("kind") != "manual")
    return f"{found['workflow']}: version {found['version']} is deployed. Armed: {armed}"


def coming(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row for each instant of each clock, in their order."""
    rows = [
        {"id": run["at"], "node": trigger["node"], "schedule": trigger["schedule"], **run}
        for trigger in found["triggers"]
        for run in trigger["runs"]
    ]
    return sorted(rows, key=lambda row: str(row["at"]))


def _earliest(row: Row) -> str:
    return min((str(trigger["next_at"]) for trigger in row.get("triggers") or () if trigger.get("next_at")), default="")


DEPLOYMENTS: Sequence[Column] = (
    field("id"),
    field("workflow", cut=True),
    field("version"),
    Column("armed", lambda row: ", ".join(str(t.get("kind")) for t in row.get("triggers") or ())),
    field("running", "active_runs"),
    field("waiting"),
    Column("next", _earliest),
)
FIELDS: Sequence[Column] = (
    field("id"),
    field("workflow"),
    field("deployed"),
    field("version"),
    field("concurrency"),
    field("when busy", "when_busy"),
    field("running", "active_runs"),
    field("waiting"),
    field("deployed by", "deployed_by"),
    when("deployed at", "deployed_at"),
)
BLOCKS: Sequence[Column] = (Column("Triggers", _triggers),)
RUNS: Sequence[Column] = (field("at"), field("local"), field("node"), field("schedule", cut=True))
