"""Runs a study on the cluster of this head node, with the options of `tuner run`.

    ray submit cluster.yaml cluster/submit.py dataset=cifar10 trials=50

`ray submit` copies this one file to the head and runs it there with `python`; tuner itself is installed there by
cluster.yaml. The arguments go through two shells, yours and the head's: quote a value with blanks twice
(`run_name="'my study'"`). Options come after `--`, as in `cluster/submit.py -- --json dataset=digits`.
"""

from __future__ import annotations

import os
import sys

from tuner.cli import main

if __name__ == "__main__":
    # Without this, tuner would start a local Ray if the cluster did not run.
    os.environ.setdefault("RAY_ADDRESS", "auto")
    sys.exit(main(["run", *sys.argv[1:]]))
