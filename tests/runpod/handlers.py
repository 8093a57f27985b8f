"""Handlers that need no TensorFlow, for tests and measurements of everything around the training."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any


async def waits(job: dict[str, Any]) -> AsyncIterator[Any]:
    """Yields `input["values"]`, `input["seconds"]` apart from each other; fails with `input["error"]` at the end."""
    given = job["input"]
    for value in given.get("values", []):
        await asyncio.sleep(given.get("seconds", 0))
        yield value
    if given.get("error"):
        yield {"error": given["error"]}
