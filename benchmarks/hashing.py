"""Bare argon2 in a process of its own: `python -m benchmarks.hashing <seconds>` prints passwords a second."""

import sys
import time

from operations import passwords
from operations.office import Office


def compare(seconds: float) -> float:
    """Passwords compared a second."""
    office = Office(b"key", b"pepper", "", "", "")
    hashed = passwords.hashed(office, "kahawa77")
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        if not passwords.right(office, hashed, "kahawa77"):
            raise AssertionError("the right password was refused")
        count += 1
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    print(compare(float(sys.argv[1])))
