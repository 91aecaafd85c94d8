"""make migration NAME="what it does": compare the declared tables with the migrated schema, and write the difference.

It runs on an embedded PostgreSQL of its own, made for the purpose. Read what it wrote: autogeneration does not see
renamed columns, data that has to move, or changed CHECK constraints.
"""

import asyncio
import re
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from corral_hub.db.database import Database
from corral_hub.db.embedded import Embedded
from corral_hub.db.migrate import alembic_config, migrate
from corral_hub.schema import metadata

VERSIONS = Path(__file__).resolve().parents[1] / "hub" / "corral_hub" / "db" / "migrations" / "versions"


def write(connection: Connection, name: str) -> None:
    number = f"{len(list(VERSIONS.glob('*.py'))) + 1:04}"
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    config = alembic_config(connection)
    config.attributes["metadata"] = metadata
    config.set_main_option("file_template", f"{number}_{slug}")
    command.revision(config, message=name, autogenerate=True, rev_id=number)


async def compare(url: str, name: str) -> None:
    database = Database(url)
    try:
        await database.wait()
        await migrate(database.engine)
        async with database.engine.connect() as connection:
            await connection.run_sync(write, name)
    finally:
        await database.close()


def main() -> None:
    name = " ".join(sys.argv[1:]).strip() or sys.exit('say what it does: make migration NAME="add owners to projects"')
    with tempfile.TemporaryDirectory(prefix="corral-migration-") as folder:
        server = Embedded(Path(folder) / "postgres")
        try:
            asyncio.run(compare(server.start(), name))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
