"""The process of a study's Ray job: runs the study and writes its end to the database.

    python -m serve_app.launching.driver NAME --cluster HOST:PORT --after NUMBER --settings JSON

The exit code is 0 if the study ended without a failure, 1 if it failed. The supervisor starts another driver if the
process died before it wrote an end.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from serve_app.launching.handover import Handover
from tuner.errors import ClusterLostError, FixInputError, LeaseLostError, TryAgainError, TunerError, in_one_line
from tuner.import_time import IMPORTED_AT
from tuner.settings import Settings, private_files
from tuner.store import Retry, Store
from tuner.study.cancellation import end_run, ended_since
from tuner.study.paths import StudyPaths
from tuner.study.study_log import log_to

log = logging.getLogger("tuner.serve")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study and return the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    os.environ["RAY_ADDRESS"] = options.cluster
    handover = Handover.model_validate_json(options.settings)
    settings = handover.read(Settings)
    if handover.folder.is_dir():  # a node may lack the folder of own models
        os.chdir(handover.folder)
    from tuner.runners.cluster import ray_cluster

    # Ray writes logs of this process too. A cluster that cannot be reached is no failure of the study: the supervisor
    # tries again.
    with private_files(settings), ray_cluster():
        return drive(options.name, options.after, settings)


def drive(name: str, after: int, settings: Settings) -> int:
    """Run the study unless it has ended since the run was requested; return the exit code.

    Args:
        after: The number of the study's latest event when the run was requested.
    """
    retry = Retry()
    with retry(lambda: Store.open(settings.store_url(), create=False)) as store:
        if retry(lambda: ended_since(store, name, after)):
            log.info("study %s was cancelled before it started", name)
            return 0
        from tuner.study import resume

        try:
            resume(name, after=after, settings=settings, began=IMPORTED_AT)
        except (LeaseLostError, ClusterLostError) as error:
            log.error("%s", error)  # the process that holds the lease, now or next, writes the end
            return 1
        except TunerError as error:
            return _failed(store, name, after, str(error))
        except Exception as error:
            log.exception("unexpected error")
            return _failed(store, name, after, f"{in_one_line(error)} - this is a bug in tuner")
    return 0


def _failed(store: Store, name: str, after: int, reason: str) -> int:
    """Write the failure of a run that could not begin, to the database and to the study's log; return the exit code."""
    log.error("%s", reason)
    try:
        study = store.study(name)
        if not study.alive and not ended_since(store, name, after):
            file = StudyPaths(Path(study.folder)).log
            file.parent.mkdir(parents=True, exist_ok=True)
            with log_to(file):
                log.error("the study failed: %s", reason)
        end_run(store, name, after, "failed", reason)
    except (FixInputError, TryAgainError) as error:  # another process runs the study, or the database is away
        log.error("%s", error)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m serve_app.launching.driver")
    parser.add_argument("name")
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--after", type=int, required=True)
    parser.add_argument("--settings", required=True)
    return parser


if __name__ == "__main__":
    sys.exit(main())
