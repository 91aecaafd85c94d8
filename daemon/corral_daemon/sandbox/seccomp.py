"""A filter of system calls, for those that no code needs and that walls have been climbed with. Pure.

Classic BPF as the kernel reads it (linux/filter.h, linux/seccomp.h).
"""

import struct
from collections.abc import Mapping
from typing import Final

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_NOT_PERMITTED = 0x00050000 | 1  # SECCOMP_RET_ERRNO | EPERM
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_X32 = 0x40000000
_NOBODY = 0xFFFFFFFF

NAMES: Final = (
    "ptrace", "process_vm_readv", "process_vm_writev", "mount", "umount2", "pivot_root", "chroot", "setns", "unshare",
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "keyctl", "add_key", "request_key", "kexec_load",
    "kexec_file_load", "init_module", "finit_module", "delete_module", "open_by_handle_at", "name_to_handle_at",
    "memfd_create", "memfd_secret", "shmget", "move_mount", "fsopen", "fsmount", "open_tree", "mount_setattr",
    "swapon", "reboot", "acct", "quotactl", "personality", "syslog",
)  # fmt: skip
"""memfd_create and shmget: memory that no limit of ours counts."""

_X86_64 = (
    101, 310, 311, 165, 166, 155, 161, 308, 272, 321, 298, 323, 425, 250, 248, 249, 246, 320, 175, 313, 176, 304, 303,
    319, 447, 29, 429, 430, 432, 428, 442, 167, 169, 163, 179, 135, 103,
)  # fmt: skip
_AARCH64 = (
    117, 270, 271, 40, 39, 41, 51, 268, 97, 280, 241, 282, 425, 219, 217, 218, 104, 294, 105, 273, 106, 265, 264,
    279, 447, 194, 429, 430, 432, 428, 442, 224, 142, 89, 60, 92, 116,
)  # fmt: skip
MACHINES: Final[Mapping[str, tuple[int, tuple[int, ...]]]] = {
    "x86_64": (0xC000003E, _X86_64),
    "aarch64": (0xC00000B7, _AARCH64),
}


def program(machine: str) -> bytes | None:
    """Return the filter for a machine as `uname -m` calls it; None where the numbers are not known here."""
    if machine not in MACHINES:
        return None
    architecture, numbers = MACHINES[machine]
    lines = [_line(_LOAD, 0, 0, _ARCHITECTURE_AT), _line(_EQUAL, 1, 0, architecture), _line(_RETURN, 0, 0, _KILL)]
    lines += [_line(_LOAD, 0, 0, _NUMBER_AT), _line(_AT_LEAST, 0, 1, _X32), _line(_RETURN, 0, 0, _NOT_PERMITTED)]
    for number in numbers:
        lines += [_line(_EQUAL, 0, 1, number), _line(_RETURN, 0, 0, _NOT_PERMITTED)]
    return b"".join([*lines, _line(_RETURN, 0, 0, _ALLOW)])


def _line(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value & _NOBODY)
