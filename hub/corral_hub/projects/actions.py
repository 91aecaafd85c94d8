"""What can be done with projects. Settings are read for every new task, so projects are cached; few change, rarely."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from corral_hub import clock, short_ids
from corral_hub.audit.log import Noted, note
from corral_hub.db.database import Database
from corral_hub.errors import Conflict, NotFound, Unprocessable
from corral_hub.projects.model import Project, ProjectSettings
from corral_hub.projects.tables import projects
from corral_protocol.codec import Json, Malformed, decode, encode

DEFAULT = "default"


class Projects:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[UUID, Project] = {}

    async def default(self) -> Project:
        """Return the project that is used when none is named; made at the first start."""
        found = next((project for project in self._known.values() if project.name == DEFAULT), None)
        if found is not None:
            return found
        values = {"id": clock.new_id(), "name": DEFAULT, "status": "active", "settings": {}, "created_at": clock.now()}
        async with self._database.begin() as tx:
            await tx.execute(upsert(projects).values(**values).on_conflict_do_nothing())
        return next(project for project in await self.all() if project.name == DEFAULT)

    async def all(self) -> list[Project]:
        async with self._database.read() as connection:
            rows = (await connection.execute(select(projects).order_by(projects.c.created_at))).all()
        self._known = {row.id: _project(row) for row in rows}
        return list(self._known.values())

    async def get(self, wanted: UUID | str) -> Project:
        """Return the project with this id, name, or id prefix. Raises NotFound, Conflict(ambiguous_id)."""
        if isinstance(wanted, UUID) and wanted in self._known:
            return self._known[wanted]
        every = await self.all()
        by_id = {str(project.id): project for project in every}
        named = by_id.get(str(wanted)) or next((project for project in every if project.name == wanted), None)
        if named is not None:
            return named
        parsed = short_ids.parse(str(wanted), "project")
        if isinstance(parsed, UUID):
            if parsed in self._known:
                return self._known[parsed]
            raise NotFound("project_not_found", f"there is no project {wanted}", "corral project list")
        matching = [(project.id, project.name) for project in every if str(project.id).startswith(parsed.text)]
        return self._known[short_ids.pick(matching, parsed.text, "project")]

    async def create(self, name: str, settings: Json) -> Project:
        project = Project(
            id=clock.new_id(),
            name=name,
            status="active",
            settings=read_settings(settings or {}),
            created_at=clock.now(),
        )
        await self._write(
            insert(projects).values(
                id=project.id, name=name, status=project.status, settings=encode(project.settings),
                created_at=project.created_at,
            ),
            project, Noted("project.create", {}),
        )  # fmt: skip
        self._known[project.id] = project
        return project

    async def update(self, project: Project, name: str | None, status: str | None, settings: Json) -> Project:
        """Change what is given; settings are merged key by key. Tasks keep the settings they were made with."""
        merged = {**encode(project.settings), **(settings or {})}
        values: dict[str, Any] = {
            "name": name or project.name, "status": status or project.status, "settings": merged,
        }  # fmt: skip
        after = Project(
            id=project.id, name=values["name"], status=values["status"], settings=read_settings(merged),
            created_at=project.created_at,
        )  # fmt: skip
        told = {f"settings.{key}": value for key, value in (settings or {}).items()}
        noted = Noted("project.change", {"status": after.status, **told})
        await self._write(update(projects).where(projects.c.id == project.id).values(**values), after, noted)
        self._known[project.id] = after
        return after

    async def _write(self, statement: object, project: Project, noted: Noted) -> None:
        name = project.name
        try:
            async with self._database.begin() as tx:
                await tx.execute(statement)  # type: ignore[call-overload]
                await note(tx, noted.action, project.id, name, **noted.details)
        except IntegrityError as error:
            raise Conflict("name_taken", f"there is a project named {name!r} already", "choose another name") from error


def read_settings(value: Json) -> ProjectSettings:
    """Return typed settings. Raises Unprocessable, also for unknown ones."""
    if not isinstance(value, dict):
        raise Unprocessable("invalid_settings", "settings must be an object", "see docs/reference/projects.md")
    unknown = sorted(set(value) - set(ProjectSettings.__dataclass_fields__))
    if unknown:
        known = ", ".join(ProjectSettings.__dataclass_fields__)
        raise Unprocessable("invalid_settings", f"unknown setting {unknown[0][:64]!r}", f"there are: {known}")
    try:
        settings = decode(ProjectSettings, value)
    except Malformed as error:
        raise Unprocessable("invalid_settings", f"/settings{error}", "correct the value") from error
    if not 1 <= settings.retry.max_attempts <= 1000 or settings.retry.backoff < 0 or settings.retry.factor < 1:
        raise Unprocessable(
            "invalid_settings", "/settings/retry: max_attempts 1–1000, backoff >= 0, factor >= 1", "correct it"
        )
    return settings


def _project(row: Any) -> Project:
    values: dict[str, Any] = dict(row._mapping)
    return Project(
        id=values["id"],
        name=values["name"],
        status=values["status"],
        settings=decode(ProjectSettings, values["settings"]),
        created_at=values["created_at"],
    )
