"""Start a program that ends when its parent ends: `launch.py <parent pid> <signal> <mode> -- program…`.

Run by path with `python -S -E -I`, so it may import nothing of ours. It becomes the program (same process
id), so that the parent can signal and reap it as its own child.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NOBODY = 65534


def plain() -> None:
    """Stay who we are."""


def into_namespace() -> None:
    """Look like `nobody` while the kernel still sees root's files as ours: PostgreSQL refuses root.

    Raises OSError where a container or the kernel's settings refuse user namespaces.
    """
    uid, gid = os.geteuid(), os.getegid()
    check(libc().unshare(CLONE_NEWUSER))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def become_nobody() -> None:
    """Give root up for good."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


MODES: dict[str, Callable[[], None]] = {
    "plain": plain,
    "namespace": into_namespace,
    "nobody": become_nobody,
}


def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def check(result: int) -> None:
    """Raise OSError for a C call that failed."""
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def follow(parent: int, signum: int) -> None:
    """Have the kernel send us this signal when the parent's thread that started us ends (Linux only).

    Any later change of user clears it. Ends the process at once if the parent is already gone.
    """
    if sys.platform == "linux":
        check(libc().prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0))
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def main(arguments: Sequence[str]) -> None:
    """Change into the mode's user, follow the parent, and become the program."""
    parent, signum, mode, _, *program = arguments
    try:
        MODES[mode]()
        follow(int(parent), int(signum))
        os.execv(program[0], program)  # noqa: S606 - no shell is wanted
    except OSError as fault:
        sys.exit(f"cannot start {program[0]} ({mode}): {fault}")


if __name__ == "__main__":
    main(sys.argv[1:])
