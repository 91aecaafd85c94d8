"""Run Python code behind walls."""

from dataclasses import dataclass

from corral_daemon import clock
from corral_daemon.nodes.node import Context, node
from corral_daemon.sandbox import box
from corral_daemon.sandbox.code import limits, run_code
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """`code` as in MachinaOs' `pythonExecutor`; it sees input_data, workspace_dir, math and json."""

    code: str = about(description="Python that assigns its result to `output`", format="python")
    timeout: float = about(30.0, description="seconds", minimum=0.1, maximum=3600)
    memory_mb: int = about(256, description="of all its processes together", minimum=32, maximum=8192)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    output: Json
    console_output: str
    timestamp: float


@node("pythonExecutor", title="Python", category="code", needs=("sandbox",))
async def python_executor(parameters: Parameters, context: Context) -> Result:
    """Runs Python in a process of its own: no network, no files but the workflow's, bounded in everything."""
    allowed = limits(parameters.timeout, parameters.memory_mb, processes=32)
    came = await run_code(box.python(), parameters.code, context, allowed, parameters.timeout)
    return Result(output=came.output, console_output=came.printed, timestamp=clock.unix())
