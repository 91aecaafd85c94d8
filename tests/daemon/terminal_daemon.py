"""A whole daemon as a process of its own, without probes: `python -m … STATE HUB_URL [KEY]`."""

import asyncio
import sys
from pathlib import Path

from corral_daemon import app, logs
from corral_daemon.capabilities import Declared
from corral_daemon.probing import Bench, Prober
from corral_daemon.serving import Stop
from corral_daemon.settings import Place, Settings


async def main(state: Path, hub_url: str, key: str = "orc_secret") -> int:
    stop = Stop()
    stop.listen()
    settings = Settings(hub_url=hub_url, api_key=key, server_name="s", session_ring_mb=4)
    return await app.run(Place(state / "daemon.toml", state), settings, stop, prober=Prober([], Bench(Declared()), 1))


if __name__ == "__main__":
    logs.configure("info")
    sys.exit(asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:])))
