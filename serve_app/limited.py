"""Runs a command that no trial waits for, with limits: `python -I limited.py SECONDS MEMORY_BYTES COMMAND...`.

The limits hold for the command too, since it takes the place of this process. It gets what is left of the CPUs, is the
first process that Linux ends if memory is short, and ends with the process that started it. Imports the standard
library alone, to start within milliseconds.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

LOWEST_PRIORITY = 19
FIRST_TO_END = "1000"
"""Linux's highest value of `oom_score_adj`."""
_PARENT_DEATH_SIGNAL = 1
"""Linux's name for the signal at the parent's end, an operation of `prctl`."""


def limit(seconds: int, memory_bytes: int) -> None:
    """Limit this process."""
    os.nice(LOWEST_PRIORITY)
    signal.alarm(seconds)  # in case the process that waits for it is gone
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    # Not the address space: TensorFlow reserves far more of it than it uses.
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_END, encoding="ascii")


def main(arguments: Sequence[str]) -> None:
    """Become the command."""
    seconds, memory_bytes, *command = arguments
    limit(int(seconds), int(memory_bytes))
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
