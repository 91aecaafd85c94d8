"""How what a node made is found again: `run:<run id>/<key>`, and from the second attempt on `#<attempt>`. Pure."""

from uuid import UUID


def write_name(run_id: UUID, key: str, attempt: int) -> str:
    return f"run:{run_id}/{key}" + (f"#{attempt}" if attempt > 1 else "")


def read_name(name: str | None) -> tuple[UUID | None, str]:
    """Return the run and the key; no run for a name of anything else."""
    if name is None or not name.startswith("run:"):
        return None, ""
    run, _, rest = name.removeprefix("run:").partition("/")
    key, mark, attempt = rest.rpartition("#")
    try:
        return UUID(run), key if mark and attempt.isdecimal() else rest
    except ValueError:
        return None, ""
