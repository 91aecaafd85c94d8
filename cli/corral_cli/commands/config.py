"""config show, check, path, set, use; version."""

import platform
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corral_cli.config_file import (
    find_project_file,
    read_document,
    refuse,
    save_profile,
    user_path,
    write_document,
)
from corral_cli.context import Invocation, invocation
from corral_cli.errors import BadConfig
from corral_cli.lazy import lazy
from corral_cli.mount import noun
from corral_cli.output import field
from corral_cli.settings import (
    IN_PROJECT_FILE,
    IN_USER_FILE,
    KEYS,
    check_document,
    check_user_document,
    require_hub_url,
)
from corral_cli.table import Column

if TYPE_CHECKING:
    import importlib.metadata as metadata
else:
    metadata = lazy("importlib.metadata")

app = noun(
    "Where settings come from (flag, environment, project file, profile, user file, default), and whether it is right."
)


@app.command()
def show(
    context: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Also tell where each value comes from.")] = False,
) -> None:
    """Show the settings in force. Secrets are named, never shown.

    Examples:
      corral config show --origin
      CORRAL_HUB_URL=https://other.example.org corral config show --json
    """
    cli = invocation(context)
    rows = [
        {
            "id": name,
            "name": name,
            "value": _shown(name, setting.value),
            "origin": setting.origin.value,
            "where": setting.where,
        }
        for name, setting in cli.loaded.settings.items()
    ]
    columns = [field("name"), Column("value", lambda row: str(row.get("value") or ""), wide=True)]
    if origin:
        columns += [field("origin"), field("where", wide=True)]
    cli.output.rows(rows, columns, envelope={"settings": [{k: v for k, v in row.items() if k != "id"} for row in rows]})


@app.command()
def check(context: typer.Context) -> None:
    """Check the configuration files and variables, and name everything that is wrong.

    Example:
      corral config check && echo fine
    """
    cli = invocation(context)
    path = user_path(cli.environment)
    problems, document = _read_or_tell(path)
    problems += check_user_document(document, str(path)) + _permissions(path)
    project = find_project_file(cli.directory)
    if project:
        more, project_document = _read_or_tell(project)
        problems += more + check_document(project_document, IN_PROJECT_FILE, str(project))
    problems += _variables(cli.environment)
    refuse(problems)
    checked = [str(found) for found in (path, project) if found and found.is_file()]
    cli.output.result(
        {"ok": True, "files": checked}, f"All is well: {', '.join(checked) or 'no files, defaults only'}."
    )


@app.command()
def path(context: typer.Context) -> None:
    """Print where the user's file is (it need not exist).

    Example:
      $EDITOR "$(corral config path)"
    """
    cli = invocation(context)
    cli.output.line(str(user_path(cli.environment)))


@app.command("list")
def list_profiles(context: typer.Context) -> None:
    """List the profiles: one login each.

    Example:
      corral config list
    """
    cli = invocation(context)
    profiles: Mapping[str, Any] = cli.loaded.document.get("profiles", {})
    rows = [
        {"id": name, "name": name, "hub_url": profile.get("hub_url"), "project": profile.get("project"),
         "logged_in": bool(profile.get("token") or profile.get("api_key")), "current": name == cli.loaded.profile}
        for name, profile in profiles.items()
    ]  # fmt: skip
    columns = [field("name"), field("hub_url"), field("project"), field("logged_in"), field("current")]
    cli.output.rows(rows, columns, envelope={"profiles": rows}, empty="No profiles. `corral login` makes one.")


@app.command()
def use(context: typer.Context, profile: Annotated[str, typer.Argument(metavar="PROFILE", help="Its name.")]) -> None:
    """Use another profile from now on.

    Example:
      corral config use work
    """
    cli = invocation(context)
    known = cli.loaded.document.get("profiles", {})
    if profile not in known:
        names = ", ".join(sorted(known)) or "none yet"
        raise BadConfig(
            f"there is no profile {profile!r}",
            code="unknown_profile",
            hint=f"Known: {names}; `corral login --profile NAME` makes one.",
        )
    save_profile(cli.loaded.path, profile, {}, use=True)
    cli.output.result({"profile": profile}, f"Using profile {profile}.")


@app.command("set")
def change(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="hub_url, project, output or profile.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="New value; empty removes it.")],
) -> None:
    """Set a value in the user's file. (Logins are set by `corral login`.)

    Examples:
      corral config set output json
      corral config set project ''
    """
    cli = invocation(context)
    where = user_path(cli.environment)
    # An empty value removes the key, whatever its choices are; an unknown key is refused either way.
    problems = check_document({key: value}, IN_USER_FILE, "config set")
    refuse(problems if value or key not in IN_USER_FILE else [])
    document = {name: old for name, old in read_document(where).items() if name != key}
    write_document(where, {**document, **({key: value} if value else {})})
    cli.output.result({"key": key, "value": value or None}, f"{key} is {value or 'removed'}.")


def show_version(context: typer.Context) -> None:
    """Print the versions of this program and of what it runs on.

    Example:
      corral version --json
    """
    cli: Invocation = invocation(context)
    shown = {
        "corral": metadata.version("corral-cli"),
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    cli.output.item(shown, [field(name) for name in shown])


def _shown(name: str, value: str | None) -> str | None:
    return "(set)" if value and KEYS[name].secret else value


def _read_or_tell(path: Path) -> tuple[list[str], Mapping[str, Any]]:
    try:
        return [], read_document(path)
    except BadConfig as error:
        return [error.message], {}


def _permissions(path: Path) -> list[str]:
    if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return [f"{path} can be read by others; run: chmod 600 {path}"]
    return []


def _variables(environment: Mapping[str, str]) -> list[str]:
    problems: list[str] = []
    for variable in KEYS["hub_url"].variables:
        if environment.get(variable):
            try:
                require_hub_url(environment[variable], variable)
            except BadConfig as error:
                problems.append(error.message)
    output = environment.get("CORRAL_OUTPUT")
    if output and output not in KEYS["output"].choices:
        problems.append(f"CORRAL_OUTPUT must be one of {', '.join(KEYS['output'].choices)}, not {output!r}")
    return problems
