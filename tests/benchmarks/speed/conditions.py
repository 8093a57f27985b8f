"""The machine, how busy it is, the commit and the versions: a part of each record of `bench_speed`."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

VERSIONS = ("keras", "keras-tuner", "optuna", "ray", "tensorflow")


def conditions() -> dict[str, Any]:
    """The conditions at this moment."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": round(os.getloadavg()[0], 2),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
            "system": platform.system(),
        },
        "commit": _commit(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in VERSIONS}},
    }


def _processor() -> str:
    """The processor's product name, or its architecture where the system does not tell its name."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str | None:
    """The commit, with "-dirty" if tracked files have changed; None outside a git repository."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
    )
    return described.stdout.strip() or None
