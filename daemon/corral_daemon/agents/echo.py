"""Echo: a stand-in that ships with Corral, for the demo and the tests. It needs no key and costs nothing.

A real child process (`echo_process.py`) reads the prompt and follows the directives in it (`echo_script.py`); in a
terminal another one (`echo_terminal.py`) does that, and then waits for more.
"""

import sys

from corral_daemon.agents.adapter import Invocation, Reading, Request, Said, ScreenText, Sign, summary
from corral_daemon.system import daemon_version
from corral_protocol.capabilities import AgentCli
from corral_protocol.vocabulary import Attention

PROMPT = "echo> "


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

    def interactive(self, request: Request) -> Invocation:
        begin = (request.prompt_file, request.phase.value) if request.prompt else ("", "")
        return Invocation(argv=(sys.executable, "-P", "-m", "corral_daemon.agents.echo_terminal", *begin))

    def sign(self, screen: ScreenText) -> Sign | None:
        """Nothing stands behind its prompt while it waits."""
        column, line = screen.cursor
        text = screen.lines[line] if line < len(screen.lines) else ""
        if screen.alternate or not text.startswith(PROMPT.rstrip()):
            return None
        waits = text.rstrip() == PROMPT.rstrip() and column == len(PROMPT)
        return Sign(attention=Attention.WAITS_FOR_INPUT, why="waits at its prompt", ready_for_text=waits)

    def read(self, said: Said) -> Reading:
        lines = [line for line in said.output.decode("utf-8", "replace").splitlines() if line.strip()]
        usage = {"input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0, "model": "echo"}
        return Reading(result=summary(lines[-1] if lines else None), usage=usage)


ADAPTER = Echo()
