"""Where each setting comes from: flag > environment > project file > profile > user file > default. Pure."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from corral_cli.errors import BadConfig, NotPermitted

DEFAULT_HUB_URL = "http://127.0.0.1:8000"
DEFAULT_PROFILE = "default"
DEFAULT_DETACH_KEYS = "ctrl-\\,d"


class Origin(StrEnum):
    FLAG = "flag"
    ENVIRONMENT = "environment"
    PROJECT_FILE = "project file"
    PROFILE = "profile"
    USER_FILE = "user file"
    DEFAULT = "default"


PRECEDENCE = tuple(Origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting. `choices` empty: any text. A secret is never shown and never read from a repository's file."""

    name: str
    variables: tuple[str, ...]
    default: str | None = None
    secret: bool = False
    choices: tuple[str, ...] = ()
    about: str = ""


KEYS: Mapping[str, Key] = {
    key.name: key
    for key in (
        Key(
            name="hub_url", variables=("CORRAL_HUB_URL", "ORCHESTRATIA_HUB_URL"), default=DEFAULT_HUB_URL,
            about="address of the hub",
        ),
        Key(name="token", variables=("CORRAL_TOKEN",), secret=True, about="a person's login token (JWT)"),
        Key(
            name="api_key", variables=("CORRAL_API_KEY", "ORCHESTRATIA_API_KEY"), secret=True,
            about="a server's key or a task's token",
        ),
        Key(
            name="project", variables=("CORRAL_PROJECT", "CORRAL_PROJECT_ID", "ORCHESTRATIA_PROJECT_ID"),
            about="project that commands work in",
        ),
        Key(name="output", variables=("CORRAL_OUTPUT",), default="table", choices=("table", "json", "ndjson")),
        Key(name="profile", variables=("CORRAL_PROFILE",), default=DEFAULT_PROFILE, about="which login to use"),
        Key(
            name="detach_keys", variables=("CORRAL_DETACH_KEYS",), default=DEFAULT_DETACH_KEYS,
            about="keys that leave an attached session",
        ),
        Key(name="task_id", variables=("CORRAL_TASK_ID",), about="the task this process works on"),
    )
}  # fmt: skip

IN_USER_FILE = frozenset({"profile", "hub_url", "project", "output", "detach_keys"})
IN_PROFILE = frozenset({"hub_url", "token", "api_key", "project", "output"})
IN_PROJECT_FILE = frozenset({"hub_url", "project", "profile", "output"})


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says. `where` names it for people: a variable, a file, a flag."""

    origin: Origin
    values: Mapping[str, str]
    where: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Setting:
    value: str | None
    origin: Origin
    where: str


def resolve(layers: Sequence[Layer]) -> Mapping[str, Setting]:
    """Return every key with the value of the strongest layer that has it."""
    ranked = sorted(layers, key=lambda layer: PRECEDENCE.index(layer.origin))
    return {name: _pick(key, ranked) for name, key in KEYS.items()}


def flag_layer(flags: Mapping[str, str | None]) -> Layer:
    values = {name: value for name, value in flags.items() if value is not None}
    return Layer(Origin.FLAG, values, {name: "--" + name.replace("_", "-") for name in values})


def environment_layer(environment: Mapping[str, str]) -> Layer:
    """Read the first variable of each key that is set and not empty."""
    values: dict[str, str] = {}
    where: dict[str, str] = {}
    for name, key in KEYS.items():
        for variable in key.variables:
            if environment.get(variable):
                values[name], where[name] = environment[variable], variable
                break
    return Layer(Origin.ENVIRONMENT, values, where)


def document_layer(origin: Origin, document: Mapping[str, Any], where: str) -> Layer:
    """Read the plain values of a checked document; tables are somebody else's."""
    values = {name: value for name, value in document.items() if isinstance(value, str)}
    return Layer(origin, values, dict.fromkeys(values, where))


def check_document(document: Mapping[str, Any], legal: frozenset[str], where: str) -> list[str]:
    """Return what is wrong with a flat table of settings, one sentence each."""
    problems: list[str] = []
    for name, value in document.items():
        if name == "$schema":
            continue
        if name not in legal:
            problems.append(f"{where}: {_unknown(name, legal)}")
        elif not isinstance(value, str):
            problems.append(f"{where}: {name} must be text, not {type(value).__name__}")
        elif KEYS[name].choices and value not in KEYS[name].choices:
            problems.append(f"{where}: {name} must be one of {', '.join(KEYS[name].choices)}, not {value!r}")
    return problems


def check_user_document(document: Mapping[str, Any], where: str) -> list[str]:
    """Return what is wrong with the user's file, its profiles included."""
    flat = {name: value for name, value in document.items() if name != "profiles"}
    problems = check_document(flat, IN_USER_FILE, where)
    profiles = document.get("profiles", {})
    if not isinstance(profiles, dict):
        return [*problems, f"{where}: profiles must be a table"]
    for name, profile in profiles.items():
        place = f"{where} [profiles.{name}]"
        if not isinstance(profile, dict):
            problems.append(f"{place}: must be a table")
        else:
            problems.extend(check_document(profile, IN_PROFILE, place))
    return problems


@dataclass(frozen=True, slots=True)
class Credential:
    """Exactly one of the two, or neither for somebody who has not logged in."""

    token: str | None = None
    api_key: str | None = None


def choose_credential(settings: Mapping[str, Setting], profile: Mapping[str, Any]) -> Credential:
    """Return what may be shown to the effective hub.

    A login belongs to the hub it was made with, and a repository's `.corral.toml` must not be able to name another hub
    and collect it. Raises NotPermitted when it tries.
    """
    hub = settings["hub_url"]
    same_hub = same_url(hub.value, profile.get("hub_url"))
    chosen: dict[str, str | None] = {}
    for name in ("token", "api_key"):
        setting = settings[name]
        strong = setting.origin in (Origin.FLAG, Origin.ENVIRONMENT)
        if strong and hub.origin is Origin.PROJECT_FILE and not same_hub:
            raise NotPermitted(
                f"{hub.where} names the hub {hub.value}, and {setting.where} was not given for that hub",
                code="credential_withheld",
                hint="If you trust that hub, name it yourself: --hub-url or CORRAL_HUB_URL.",
            )
        chosen[name] = setting.value if strong or (setting.origin is Origin.PROFILE and same_hub) else None
    return Credential(**chosen)


def same_url(one: str | None, other: str | None) -> bool:
    return bool(one and other) and str(one).rstrip("/").lower() == str(other).rstrip("/").lower()


def require_hub_url(value: str | None, where: str) -> str:
    """Return the address without trailing slashes. Raises BadConfig unless it is http(s) with a host."""
    url = (value or "").strip().rstrip("/")
    scheme, _, rest = url.partition("://")
    if scheme not in ("http", "https") or not rest or "@" in rest or any(char.isspace() for char in url):
        raise BadConfig(
            f"{url or 'an empty text'} (from {where}) is not the address of a hub",
            code="bad_hub_url",
            hint=f"Write it like {DEFAULT_HUB_URL} or https://hub.example.org, without user name and password.",
        )
    return url


def _pick(key: Key, ranked: Sequence[Layer]) -> Setting:
    for layer in ranked:
        if key.name in layer.values:
            return Setting(layer.values[key.name], layer.origin, layer.where[key.name])
    return Setting(key.default, Origin.DEFAULT, "built in")


def _unknown(name: str, legal: frozenset[str]) -> str:
    if name in KEYS and KEYS[name].secret:
        return f"{name} is a secret and does not belong here; `corral login` keeps it in your own profile"
    close = difflib.get_close_matches(name, sorted(legal), n=1)
    return f"unknown key {name!r}" + (
        f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(legal))}"
    )
