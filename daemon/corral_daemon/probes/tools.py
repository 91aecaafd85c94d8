"""Tools on the PATH. That they are there is enough; none is started."""

from corral_daemon.capabilities import Found
from corral_daemon.probing import Bench, probe

NAMES = (
    "adb", "cargo", "cmake", "curl", "gh", "git", "gradle", "helm", "jq", "make", "mvn", "npm", "pip", "pnpm", "psql",
    "pytest", "rg", "rsync", "scrcpy", "ssh", "terraform", "tmux", "uv", "wget", "yarn",
)  # fmt: skip


@probe("tools", ttl=120)
async def tools(bench: Bench) -> Found:
    return Found(tools=tuple(name for name in NAMES if bench.which(name)))
