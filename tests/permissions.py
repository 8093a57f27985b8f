"""Permissions of files."""

from __future__ import annotations

import stat
from pathlib import Path


def mode(file: Path) -> str:
    """The permissions in octal digits, such as 0o600."""
    return oct(stat.S_IMODE(file.stat().st_mode))
