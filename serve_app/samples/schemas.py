"""Responses with samples of data sets."""

from __future__ import annotations

from pydantic import Field

from serve_app.samples.files import LONGEST_SHOWN, SampleFiles
from serve_app.samples.reading import SampleSplit
from serve_app.schemas import Response


class Sample(Response):
    """One sample of a data set."""

    index: int = Field(description="Its place in its split, from 0: predictions name it so.")
    label: str = Field(description="Its true class.")
    text: str | None = Field(
        description=f"A text, at most {LONGEST_SHOWN:,} characters of it; what the picture cannot show of an image of "
        "other channels than grey or colours; null: an image."
    )
    image: str | None = Field(
        description="Path of its picture, a PNG file with one pixel for each of the sample; null: a text."
    )


class Samples(Response):
    """Some samples of one split of a data set, in the data set's order."""

    dataset: str = Field(description="Name of the data set.")
    split: SampleSplit
    total: int = Field(description="Number of samples of this split, and of this class if one is named.")
    left_out: int = Field(description="Samples of the split that cannot be shown: those after its first gigabyte.")
    labels: list[str] = Field(description="All classes.")
    samples: list[Sample]


def samples_page(
    files: SampleFiles, dataset: str, path: str, split: SampleSplit, label: str | None, offset: int, limit: int
) -> Samples:
    """Some samples of a split.

    Args:
        path: The API's path below which the pictures are.
        label: Name of a class; None: all classes.
    """
    total, indices = files.find(split, label, offset, limit)
    # With the version, a browser may keep a picture: other data have other addresses.
    address = f"{path}/{split}/{{}}.png?v={files.version}" if files.has_images else None
    samples = [
        Sample(
            index=index,
            label=files.label(split, index),
            text=files.text(split, index),
            image=address and address.format(index),
        )
        for index in indices
    ]
    return Samples(
        dataset=dataset,
        split=split,
        total=total,
        left_out=files.about.left_out[split],
        labels=list(files.about.labels),
        samples=samples,
    )
