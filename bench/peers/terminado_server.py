"""`python terminado_server.py PORT COMMAND…`: a terminal by terminado, as Jupyter has it. Runs in a venv of its own."""

import asyncio
import sys

import tornado.web
from terminado import TermSocket, UniqueTermManager


async def main() -> None:
    port, *command = sys.argv[1:]
    terminals = UniqueTermManager(shell_command=command)
    app = tornado.web.Application([("/viewer", TermSocket, {"term_manager": terminals})])
    app.listen(int(port), "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())
