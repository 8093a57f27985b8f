"""What the scripts share: their options, the samples, and the line that they print at their end."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np

STARTED = time.time()
Samples = dict[str, Any]
"""`x_train`, `y_train`, `x_validation`, `y_validation`: images of shape (samples, 28, 28, 1) and their classes."""


def options(*methods: str) -> argparse.Namespace:
    """The options of the command; `methods`: values of its argument, if it has one."""
    parser = argparse.ArgumentParser()
    if methods:
        parser.add_argument("method", choices=methods)
    parser.add_argument("--mnist", required=True, help="path of mnist.npz")
    parser.add_argument("--split", help="path of a file with the positions of the training and validation images")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", help="folder for files of the search")
    parser.add_argument("--target", type=float, help="validation accuracy at which the script ends")
    parser.add_argument("--limit-s", type=float, default=300.0, help="seconds after which the script ends")
    found = parser.parse_args()
    found.until = STARTED + found.limit_s
    return found


def samples(mnist: str, split: str) -> Samples:
    """The images at the positions of the split."""
    with np.load(mnist) as arrays, np.load(split) as positions:
        x, y = arrays["x_train"][..., None], arrays["y_train"].astype(np.int64)
        found = {}
        for part in ("train", "validation"):
            found[f"x_{part}"], found[f"y_{part}"] = x[positions[part]], y[positions[part]]
        return found


def say(**figures: Any) -> None:
    """Print the figures as one line of JSON."""
    print(json.dumps(figures), flush=True)
