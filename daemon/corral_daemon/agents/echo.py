"""Echo: a stand-in that ships with Corral, for the demo and the tests. It needs no key and costs nothing.

A real child process (`echo_process.py`) reads the prompt and follows the directives in it (`echo_script.py`).
"""

import sys

from corral_daemon.agents.adapter import Invocation, Reading, Request, Said, summary
from corral_daemon.system import daemon_version
from corral_protocol.capabilities import AgentCli


class Echo:
    name = "echo"
    passes = ()

    async def probe(self) -> AgentCli | None:
        return AgentCli(name=self.name, version=daemon_version(), path=sys.executable, logged_in=True)

    def command(self, request: Request) -> Invocation:
        return Invocation(
            argv=(sys.executable, "-P", "-m", "corral_daemon.agents.echo_process", request.phase.value,
                  *request.arguments),
        )  # fmt: skip

    def read(self, said: Said) -> Reading:
        lines = [line for line in said.output.decode("utf-8", "replace").splitlines() if line.strip()]
        usage = {"input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0, "model": "echo"}
        return Reading(result=summary(lines[-1] if lines else None), usage=usage)


ADAPTER = Echo()
