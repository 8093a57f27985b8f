"""When this process began to import tuner, as every command does first. Imports nothing else."""

from __future__ import annotations

import time

IMPORTED_AT = time.monotonic()
