"""Data sets: the catalogue, readers of users' own files, the split, and the arrays that trials train on.

`load` turns a `DataSpec` into `Data` and the raw test samples; `catalogue` lists the named data sets. Nothing here
imports TensorFlow or Ray, and users' files are never unpickled.
"""

from tuner.data import Data, ImageInput, RawTest, Split, TextInput
from tuner.datasets.catalogue import DatasetInfo, catalogue, dataset_names, kind_of
from tuner.datasets.loading import load

__all__ = [
    "Data",
    "DatasetInfo",
    "ImageInput",
    "RawTest",
    "Split",
    "TextInput",
    "catalogue",
    "dataset_names",
    "kind_of",
    "load",
]
