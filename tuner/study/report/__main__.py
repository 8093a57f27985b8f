"""Writes a report in a process of its own: `python -m tuner.study.report STUDY --output FILE`.

The database and the data are those of the environment (`tuner.settings`). The exit code is 0 if the file was written;
otherwise the reason is on stderr.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tuner.errors import TunerError
from tuner.settings import Settings, private_files
from tuner.store import Store
from tuner.study.report import write_report


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tuner.study.report", description="Writes the report on a study.")
    parser.add_argument("study", help="name of a study")
    parser.add_argument("--output", type=Path, required=True, help="file to write")
    given = parser.parse_args(arguments)
    settings = Settings()
    try:
        with private_files(settings), Store.open(settings.store_url(), create=False) as store:
            write_report(store, given.study, given.output)
    except TunerError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # without TensorFlow's and Ray's own endings, which take seconds
