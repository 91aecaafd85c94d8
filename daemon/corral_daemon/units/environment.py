"""The environment of a unit: a short list of what the daemon's own holds, and what the unit must know. Pure."""

from collections.abc import Iterable, Mapping

from corral_protocol.sessions import SessionStart
from corral_protocol.to_daemon import TaskAssigned

NAMES = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TERM", "TZ", "TMPDIR", "SSH_AUTH_SOCK",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
        "JAVA_HOME", "ANDROID_HOME", "ANDROID_SDK_ROOT", "GOPATH", "GOROOT", "CARGO_HOME", "RUSTUP_HOME", "NVM_DIR",
    }
)  # fmt: skip
PREFIXES = ("LC_", "XDG_")
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


def inherited(environment: Mapping[str, str], prefixes: Iterable[str]) -> dict[str, str]:
    """Return the allowed part of the daemon's environment. `prefixes`: what the agent CLIs need."""
    starts = (*PREFIXES, *prefixes)
    return {
        name: value
        for name, value in environment.items()
        if (name in NAMES or name.startswith(starts)) and not name.startswith(("CORRAL_", "ORCHESTRATIA_"))
    }


def with_folder(base: Mapping[str, str], folder: str) -> dict[str, str]:
    """Put `folder` at the end of PATH, so that `corral` is found and nothing of the user's is hidden."""
    path = base.get("PATH") or _DEFAULT_PATH
    return {**base, "PATH": path if folder in path.split(":") else f"{path}:{folder}"}


def of_unit(message: TaskAssigned, hub_url: str, files: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the unit. `files` maps RESULT, INPUTS, FEEDBACK, PLAN to those paths that exist.

    In a terminal there is a PROMPT too.
    """
    told = {
        "CORRAL_HUB_URL": hub_url,
        "CORRAL_API_KEY": message.token,
        "CORRAL_TASK_ID": message.task_id,
        "CORRAL_PROJECT_ID": message.project_id,
        "CORRAL_ATTEMPT": str(message.attempt),
        "CORRAL_EPOCH": str(message.epoch),
        "CORRAL_PHASE": message.phase.value,
        "ORCHESTRATIA_HUB_URL": hub_url,
        "ORCHESTRATIA_API_KEY": message.token,
        "ORCHESTRATIA_PROJECT_ID": message.project_id,
        **{f"CORRAL_{name}": path for name, path in files.items()},
    }
    return {name: value for name, value in told.items() if value}


TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


def of_session(message: SessionStart, hub_url: str) -> dict[str, str]:
    """Return the variables of a terminal session. The token stands nowhere but here."""
    told = {
        **TERMINAL,
        "CORRAL_SESSION_ID": message.session_id,
        "CORRAL_HUB_URL": hub_url,
        "CORRAL_API_KEY": message.token,
        "CORRAL_TASK_ID": message.task_id,
        "CORRAL_PROJECT_ID": message.project_id,
        "CORRAL_ROLE": message.role,
        "ORCHESTRATIA_HUB_URL": hub_url,
        "ORCHESTRATIA_API_KEY": message.token,
        "ORCHESTRATIA_PROJECT_ID": message.project_id,
        "ORCHESTRATIA_ROLE": message.role,
    }
    return {name: value for name, value in told.items() if value}
