"""A RunPod endpoint on this machine, with the real worker, until Ctrl-C: `use_runpod_service` without an account.

    .venv/bin/python -m tests.runpod [trials at once]

It prints what to set in the environment of `tuner run`. The worker looks for data sets in its own TUNER_DATA_DIR.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from pathlib import Path

from tests.runpod.control_plane import ControlPlane
from tests.runpod.worker import Worker


def main() -> None:
    at_once = sys.argv[1] if len(sys.argv) > 1 else "2"
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.set())
    log = Path(tempfile.gettempdir()) / "runpod-worker.log"
    with ControlPlane() as plane, Worker(plane, environment={"CONCURRENT_TRIALS": at_once}, log=log):
        print(f"export RUNPOD_API_KEY={plane.api_key} RUNPOD_ENDPOINT_ID={plane.endpoint_id}")
        print(f"export RUNPOD_ENDPOINT_BASE_URL={plane.base_url}/v2")
        print(f"# a worker for {at_once} trials at once; its log: {log}; Ctrl-C ends it", flush=True)
        end.wait()


if __name__ == "__main__":
    main()
