"""Run JavaScript behind walls, and TypeScript where this machine's Node.js takes its types away."""

from dataclasses import dataclass

from corral_daemon import clock
from corral_daemon.nodes.node import Context, NodeFailed, node
from corral_daemon.sandbox import box
from corral_daemon.sandbox.code import limits, run_code
from corral_protocol.codec import Json
from corral_protocol.json_schema import about
from corral_protocol.vocabulary import ErrorClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """`code` as in MachinaOs' `javascriptExecutor`; it sees input_data, workspace_dir, console and require."""

    code: str = about(description="code that assigns its result to `output`", format="javascript")
    timeout: float = about(30.0, description="seconds", minimum=0.1, maximum=3600)
    memory_mb: int = about(512, description="of all its processes together", minimum=128, maximum=8192)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    output: Json
    console_output: str
    timestamp: float


@node("javascriptExecutor", title="JavaScript", category="code", needs=("sandbox", "node"))
async def javascript_executor(parameters: Parameters, context: Context) -> Result:
    """Runs JavaScript in a process of its own: no network, no files but the workflow's, bounded in everything."""
    return await _run(parameters, context)


@node("typescriptExecutor", title="TypeScript", category="code", needs=("sandbox", "node-typescript"))
async def typescript_executor(parameters: Parameters, context: Context) -> Result:
    """Runs TypeScript as JavaScript, without its types: Node.js 22.13 or newer takes them away, and checks none."""
    return await _run(parameters, context, "typescript")


async def _run(parameters: Parameters, context: Context, *arguments: str) -> Result:
    allowed = limits(parameters.timeout, parameters.memory_mb, processes=64)
    program = box.javascript(allowed, *arguments)
    if program is None:
        raise NodeFailed(ErrorClass.SPAWN_FAILED, "there is no Node.js on this machine any more")
    came = await run_code(program, parameters.code, context, allowed, parameters.timeout)
    return Result(output=came.output, console_output=came.printed, timestamp=clock.unix())
