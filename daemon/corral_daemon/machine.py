"""What nodes may use of the machine, besides processes of their own: set by its owner."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from corral_daemon.background.background import Background
from corral_daemon.reach.policy import Policy
from corral_daemon.reach.transport import Resolve, resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """`reach`: where nodes may connect to over HTTP. `background`: processes that outlive the node that starts them.

    `environment`: the daemon's own, where keys of providers are.
    """

    reach: Policy = field(default_factory=Policy)
    resolve: Resolve = resolve
    background: Background | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
