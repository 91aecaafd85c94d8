"""How a unit's process ended. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How the main process ended, told once the whole tree is gone.

    `ordered`: it was told to stop while it lived. `left`: processes it left behind, which were stopped. `lost`: its
    warden was killed, so nobody knows.
    """

    code: int | None = None
    signal: int | None = None
    ordered: bool = False
    left: int = 0
    lost: bool = False
