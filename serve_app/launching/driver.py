"""The process of a study's Ray job: runs the study, and leaves no run without an end.

    python -m serve_app.launching.driver NAME --cluster HOST:PORT --after NUMBER [--trials N]

Exit code 0 once the study has an end in the database, 1 if that is a failure. A process that ends in any other way was
killed: the supervisor starts another one.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from serve_app.launching import handover
from tuner.errors import FixInputError, LeaseLostError, TryAgainError, TunerError, in_one_line
from tuner.settings import Settings
from tuner.store import Store
from tuner.study.cancellation import end_run, ended_since

log = logging.getLogger("tuner.serve")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study; gives the exit code."""
    asked = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    os.environ["RAY_ADDRESS"] = asked.cluster
    from tuner.runners.cluster import ray_cluster

    with ray_cluster():
        found = handover.take()
        _enter(found.folder)
        return drive(asked.name, asked.trials, asked.after, found.settings)


def drive(name: str, trials: int | None, after: int, settings: Settings) -> int:
    """Run the study unless it ended since it was asked for; gives the exit code.

    Args:
        after: The number of the study's latest event when it was asked for.
    """
    with Store.open(settings.store_url()) as store:
        if ended_since(store, name, after):
            log.info("study %s was cancelled before it began", name)
            return 0
        from tuner.study import resume

        try:
            resume(name, trials=trials, settings=settings)
        except LeaseLostError as error:
            log.error("%s", error)  # whoever holds it now sees to its end
            return 1
        except TunerError as error:
            return _failed(store, name, after, str(error))
        except Exception as error:
            log.exception("a defect of tuner")
            return _failed(store, name, after, f"{in_one_line(error)} - this is a defect of tuner")
    return 0


def _failed(store: Store, name: str, after: int, reason: str) -> int:
    """Write the failure of a run that could not begin; one that had begun has written its end itself."""
    log.error("%s", reason)
    try:
        end_run(store, name, after, "failed", reason)
    except (FixInputError, TryAgainError) as error:  # another process runs it, or the database is away
        log.error("%s", error)
    return 1


def _enter(folder: Path) -> None:
    """Go where own models are looked for. A driver on another machine may lack that folder, and then does without."""
    if folder.is_dir():
        os.chdir(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m serve_app.launching.driver")
    parser.add_argument("name")
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--after", type=int, required=True)
    parser.add_argument("--trials", type=int)
    return parser


if __name__ == "__main__":
    sys.exit(main())
