"""`DataSpec`: which samples a study and its trials use."""

from __future__ import annotations

from pydantic import Field

from tuner.bounds import LONGEST_PATH
from tuner.spec_parts import Contract, ImageFit, ImageSize, ProperShare, Share


class DataSpec(Contract):
    """The samples that a trial trains on and is validated on, and that the best model is tested on."""

    dataset: str = Field(
        default="digits",
        min_length=1,
        max_length=LONGEST_PATH,
        description="Name of a data set that `tuner datasets` lists, or a path: .npz, .csv, .tsv, .txt, .jsonl, .json "
        "or .parquet (tables also as .gz), or a folder with one subfolder of images or .txt files per class.",
    )
    data_dir: str | None = Field(
        default=None,
        max_length=LONGEST_PATH,
        description="Folder that is searched first for the data set's file, named as Keras names it (such as "
        "mnist.npz). Default: the environment variable TUNER_DATA_DIR, else the download cache.",
    )
    sample_percentage: Share = Field(
        default=1.0,
        description="Share of the training data to use, above 0, at most 1; the same share of every class. All "
        "test data are used.",
    )
    validation_split: ProperShare = Field(
        default=0.2,
        description="Share of the training data used for validation, between 0 and 1; the same share of every class. "
        "Trials are compared on it.",
    )
    test_size: ProperShare = Field(
        default=0.2,
        description="Share of all data used to test the best model once, between 0 and 1; the same share of every "
        "class. Only for data sets without an official test split.",
    )
    seed: int = Field(
        default=0,
        ge=0,
        lt=2**31,
        description="Seed of the splits, suggestions, initial weights and batch order; from 0. The search also weighs "
        "measured cost in seconds, so equal seeds give equal trials only with deterministic=true.",
    )
    image_size: ImageSize = Field(
        default="auto",
        description="Size to which images are resized: N for N x N pixels, or HxW (height x width), 1 to 1,024 each. "
        "auto: the median size of the training images, its longer side at most 128 pixels. The saved model resizes by "
        "itself.",
    )
    image_fit: ImageFit = Field(
        default="stretch",
        description="How an image of other proportions is resized. stretch: its proportions change. pad: it is "
        "centred, with a border. crop: its centre is cut out.",
    )

    @property
    def image_sides(self) -> tuple[int, int] | None:
        """Height and width of image_size; None for auto."""
        if self.image_size == "auto":
            return None
        sides = [int(side) for side in self.image_size.split("x")]
        return sides[0], sides[-1]
