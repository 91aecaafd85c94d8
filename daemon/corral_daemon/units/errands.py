"""What is started for a job: one line a kind in ERRANDS. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from corral_daemon.agents.adapter import Adapter, Interactive, Reading, Request, Said
from corral_daemon.agents.prompt import Briefing, compose
from corral_daemon.units.job import Job
from corral_daemon.units.outcome import UnitFailed, summarize
from corral_protocol.codec import Json
from corral_protocol.vocabulary import ErrorClass

Adapters = Mapping[str, Adapter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """`passes`: prefixes of the daemon's variables it may see. `missing`: what it means if the program is not there.

    `takes_stdin`: it reads the prompt's file.
    """

    argv: tuple[str, ...]
    read: Callable[[Said], Reading]
    passes: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    takes_stdin: bool = False
    missing: ErrorClass = ErrorClass.SPAWN_FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Paths the errand may name: of the prompt, of the folder with the unit's files."""

    prompt: str
    files: str


def prompt_of(job: Job) -> str:
    message = job.message
    return compose(
        Briefing(
            title=message.title,
            spec=message.spec,
            instructions=job.run.prompt,
            specification=job.raw,
            contracts=job.spec.contracts,
            inputs=message.resolved_inputs or {},
            plan=message.plan,
            feedback=message.feedback,
            phase=message.phase,
            terminal=job.run.kind == "session",
        )
    )


def command(job: Job, adapters: Adapters, prompt: str, folders: Folders, shell: str) -> Errand:
    """A command may be a script around any of the agents: it sees what any of them may see."""
    passes = tuple(prefix for adapter in adapters.values() for prefix in adapter.passes)
    return Errand(argv=argv_of(job, shell), read=_read_command, passes=passes)


def agent(job: Job, adapters: Adapters, prompt: str, folders: Folders, shell: str) -> Errand:
    """Raises UnitFailed(AGENT_MISSING)."""
    adapter = _adapter(job, adapters)
    invocation = adapter.command(_request(job, prompt, folders))
    return Errand(
        argv=invocation.argv,
        read=adapter.read,
        passes=adapter.passes,
        environment=invocation.environment,
        takes_stdin=invocation.takes_stdin,
        missing=ErrorClass.AGENT_MISSING,
    )


def session(job: Job, adapters: Adapters, prompt: str, folders: Folders, shell: str) -> Errand:
    """The agent's own interface, in a terminal. Raises UnitFailed(AGENT_MISSING)."""
    adapter = _adapter(job, adapters)
    if not isinstance(adapter, Interactive):
        able = ", ".join(sorted(name for name, found in adapters.items() if isinstance(found, Interactive)))
        raise UnitFailed(
            ErrorClass.AGENT_MISSING,
            f"the agent {adapter.name} has no interface for a terminal; run it with run.kind agent, or one of {able}",
        )
    invocation = adapter.interactive(_request(job, prompt, folders))
    return Errand(
        argv=invocation.argv,
        read=lambda said: Reading(),
        passes=adapter.passes,
        environment=invocation.environment,
        missing=ErrorClass.AGENT_MISSING,
    )


def _adapter(job: Job, adapters: Adapters) -> Adapter:
    """Raises UnitFailed(AGENT_MISSING)."""
    wanted = job.run.agent
    adapter = adapters.get(wanted or "")
    if adapter is None:
        known = ", ".join(sorted(adapters))
        raise UnitFailed(ErrorClass.AGENT_MISSING, f"there is no adapter for the agent {wanted!r}; known: {known}")
    return adapter


def _request(job: Job, prompt: str, folders: Folders) -> Request:
    return Request(
        prompt=prompt,
        prompt_file=folders.prompt,
        files=folders.files,
        phase=job.message.phase,
        model=job.run.model,
        arguments=job.run.arguments,
    )


ERRANDS: Mapping[str, Callable[[Job, Adapters, str, Folders, str], Errand]] = {
    "command": command,
    "agent": agent,
    "session": session,
}
PROMPTED = frozenset({"agent", "session"})
"""Kinds that are told what to do in words."""


def argv_of(job: Job, shell: str) -> tuple[str, ...]:
    return job.run.argv if job.run.argv is not None else (shell, "-c", job.run.shell or "")


def command_plan(job: Job, directory: str, shell: str) -> Json:
    """A command plans itself: this is what would be run."""
    argv = argv_of(job, shell)
    shown = job.run.shell if job.run.shell is not None else " ".join(argv)
    return {
        "summary": f"run {shown!r} in {job.run.directory}"[:500],
        "argv": list(argv),
        "shell": job.run.shell,
        "directory": directory,
        "environment": sorted(job.run.env),
    }


def _read_command(said: Said) -> Reading:
    return Reading(result=summarize(said.output))
