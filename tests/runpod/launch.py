"""Starts the real worker with a handler that the environment names: what tests.runpod.worker runs."""

from __future__ import annotations

import importlib
import os


def main() -> None:
    """Serve TEST_HANDLER (module:function), TEST_CONCURRENCY jobs at once."""
    import runpod

    module, _, function = os.environ["TEST_HANDLER"].partition(":")
    concurrency = int(os.environ["TEST_CONCURRENCY"])
    runpod.serverless.start(
        {
            "handler": getattr(importlib.import_module(module), function),
            "concurrency_modifier": lambda current: concurrency,
            "return_aggregate_stream": True,
        }
    )


if __name__ == "__main__":
    main()
