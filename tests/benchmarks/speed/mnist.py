"""The samples of MNIST that all methods of a row use, in the same split."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tuner.data_spec import DataSpec
from tuner.datasets.split import split_indices

IMAGES = 60_000
FILE = "mnist.npz"


def data_fields(training: int, validation: int, seed: int) -> dict[str, Any]:
    """The fields of a study that trains and validates on this number of images, without its folder."""
    together = training + validation
    shares = {"sample_percentage": together / IMAGES, "validation_split": validation / together}
    return {"dataset": "mnist", **shares, "seed": seed}


def write_split(shared: Path, fields: Mapping[str, Any], file: Path) -> Path:
    """Write the positions of these training and validation images to a file, for the scripts of the peers."""
    with np.load(shared / FILE) as arrays:
        y = arrays["y_train"].astype(np.int64)
    labels = tuple(map(str, range(10)))
    indices = split_indices(y, labels, DataSpec(**fields), official={"test"})
    np.savez(file, train=indices.train, validation=indices.validation)
    return file
