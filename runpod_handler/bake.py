"""Downloads data sets into an image: `python -m runpod_handler.bake mnist,cifar10`, or none."""

from __future__ import annotations

import sys

from tuner.data_spec import DataSpec
from tuner.datasets import load
from tuner.errors import FixInputError


def main() -> None:
    """Read each named data set once, which leaves its files in the cache below KERAS_HOME."""
    for name in filter(None, "".join(sys.argv[1:]).split(",")):
        try:
            data, _ = load(DataSpec(dataset=name))
        except FixInputError as error:
            sys.exit(str(error))
        print(f"{data.name}: {len(data.train) + len(data.validation):,} samples to train on")


if __name__ == "__main__":
    main()
