"""How a task runs: `structured_spec.run`, `structured_spec.contracts` and the other machine-read parts of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from corral_protocol.codec import Json, decode
from corral_protocol.vocabulary import ErrorClass, LostHostPolicy, UpstreamPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One way to run a task.

    kind: `command` (argv, or shell, exactly one of them), `agent` (an agent CLI by adapter name, headless), `session`
    (an agent CLI's own interface, in a terminal session that people can watch and drive) or `manual`.
    directory: `repo` (the repository itself), `worktree` (a fresh git worktree on branch `corral/<short id>`), or
    `scratch` (an empty directory). timeout in seconds. merge: after success, commit the worktree and merge it into
    `target_branch` of the repository.
    """

    kind: str = "manual"
    argv: tuple[str, ...] | None = None
    shell: str | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout: float | None = None
    directory: str = "scratch"
    merge: bool = False
    agent: str | None = None
    prompt: str | None = None
    model: str | None = None
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A promise of the task: its result carries `contracts[key]`, valid against `schema` (JSON Schema) if given."""

    key: str
    schema: Json = None
    description: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """max_attempts counts the first one. Attempt n+1 waits backoff · factor^(n-1) seconds, at most max_backoff."""

    max_attempts: int = 1
    backoff: float = 1.0
    factor: float = 2.0
    max_backoff: float = 300.0
    on: tuple[ErrorClass, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """What a server must (repo, languages, environments, agent, nodes) or should (tools, tags, prefer_server) have."""

    repo: str | None = None
    languages: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    prefer_server: str | None = None
    server: str | None = None
    agent: str | None = None
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredSpec:
    """The part of `structured_spec` that Corral reads. Other keys are kept as they came and handed to the agent.

    `requirements` in the vendor's schema is a list of prose requirements; ours, the machine-read one, is `requires`.
    """

    run: Run = field(default_factory=Run)
    contracts: tuple[Contract, ...] = ()
    requires: Requirements = field(default_factory=Requirements)
    retry: Retry | None = None
    lost_host: LostHostPolicy | None = None
    on_upstream_failure: UpstreamPolicy = UpstreamPolicy.WAIT
    require_plan: bool | None = None
    review: bool = False


def read_spec(value: Json) -> StructuredSpec:
    """Return the machine-read part of a raw `structured_spec`. Raises codec.Malformed with a JSON pointer."""
    return decode(StructuredSpec, value if value is not None else {})
