"""The data sets of `bench_results` as fields of a spec. All methods load them by these, and so get the same split."""

from __future__ import annotations

from pathlib import Path

SHARED = {"mnist": "mnist.npz", "imdb": "imdb.npz", "cifar10_small": "cifar10_small.npz", "ag_news": "ag_news.csv"}
"""Files of `../shared/data`. The other data sets need no file."""
MNIST_SHARE = 0.1
"""6,000 samples, for training and validation; tested on all 10,000."""


def source_fields(data: str, folder: Path, seed: int) -> dict[str, str | float | int]:
    """The fields of a `DataSpec` for this data set, with the seed of its split."""
    folder = folder.absolute()
    match data:
        case "mnist":
            return {"dataset": data, "data_dir": str(folder), "sample_percentage": MNIST_SHARE, "seed": seed}
        case "imdb":
            return {"dataset": data, "data_dir": str(folder), "seed": seed}
        case "cifar10_small" | "ag_news":
            return {"dataset": str(folder / SHARED[data]), "seed": seed}
    return {"dataset": data, "seed": seed}


def lacking_file(data: str, folder: Path) -> Path | None:
    """The file of a data set that the folder lacks; None: it is there, or the data set needs none."""
    file = folder / SHARED[data] if data in SHARED else None
    return file if file is not None and not file.exists() else None
