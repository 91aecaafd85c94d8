"""How much one piece of code may use. Pure."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`memory`: of all its processes together; `processes`: threads count, too. `cpu` in seconds, the rest in bytes."""

    cpu: int = 30
    memory: int = 256 * MIB
    processes: int = 32
    file_size: int = 32 * MIB
    files: int = 64
    scratch: int = 32 * MIB
