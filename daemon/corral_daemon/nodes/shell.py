"""Run a command line in the workflow's folder on this machine."""

import asyncio
import os
from dataclasses import dataclass

from corral_daemon.nodes.node import Context, Ran, node
from corral_daemon.units.environment import inherited
from corral_protocol.json_schema import about

TIMED_OUT = 124


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    command: str = about(description="a line for /bin/sh")
    timeout: float = about(30.0, description="seconds", minimum=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`exit_code`: 124 where the time was up, as `timeout` says it."""

    stdout: str
    stderr: str
    exit_code: int
    truncated: bool
    command: str


@node("shell", title="Shell", category="system")
async def shell(parameters: Parameters, context: Context) -> Result:
    """Runs a command line; that it exits with another code than 0 is its result, no failure of the node."""
    environment = {**inherited(os.environ, ()), "CORRAL_IDEMPOTENCY_KEY": context.idempotency_key}
    argv = ("/bin/sh", "-c", parameters.command)
    try:
        async with asyncio.timeout(parameters.timeout):
            ran = await context.spawn(argv, directory=context.workspace, environment=environment)
    except TimeoutError:
        ran = Ran(exit_code=TIMED_OUT, signal=None, stdout=b"", stderr=b"")
    code = ran.exit_code if ran.exit_code is not None else 128 + (ran.signal or 0)
    return Result(
        stdout=ran.stdout.decode("utf-8", "replace"),
        stderr=ran.stderr.decode("utf-8", "replace"),
        exit_code=code,
        truncated=ran.truncated,
        command=parameters.command,
    )
