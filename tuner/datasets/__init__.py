"""Data sets: the catalogue, the readers of users' own files, the split, and the arrays that trials train on.

`load` turns a `DataSpec` into `Data` and the untouched test samples; `catalogue` lists the names it knows.
Nothing here imports TensorFlow or Ray, and nothing is ever unpickled from a file that a user brings.
"""

from tuner.data import Data, ImageInput, RawTest, Split, TextInput
from tuner.datasets.catalogue import DatasetInfo, catalogue, kind_of, names
from tuner.datasets.loading import load

__all__ = [
    "Data",
    "DatasetInfo",
    "ImageInput",
    "RawTest",
    "Split",
    "TextInput",
    "catalogue",
    "kind_of",
    "load",
    "names",
]
