"""Where the parts of the daemon meet: what each promises the others, by name and not by import.

The runner never touches a socket or a database; the link never touches a process.
"""

from corral_daemon.ports.nodes import Nodes, Ran, Spawn
from corral_daemon.ports.remote import Remote
from corral_daemon.ports.stages import Attentions, Mail, Opening, Readiness, Stage, Stages
from corral_daemon.ports.terminals import Line, Terminals
from corral_daemon.ports.work import Event, KillCookie, Reporter, RunnerSettings, Unit, Work

__all__ = [
    "Attentions",
    "Event",
    "KillCookie",
    "Line",
    "Mail",
    "Nodes",
    "Opening",
    "Ran",
    "Readiness",
    "Remote",
    "Reporter",
    "RunnerSettings",
    "Spawn",
    "Stage",
    "Stages",
    "Terminals",
    "Unit",
    "Work",
]
