"""Data sets: the catalogue, readers of users' own files, the split, and the arrays that trials train on.

`load` turns a `DataSpec` into `Data` and the raw test samples; `catalogue` lists the named data sets. Nothing here
imports TensorFlow or Ray, and users' files are never unpickled. Whatever is wrong with a data set is a FixInputError
whose message names the file or the array; a failed download is a FetchDataError.
"""

from tuner.datasets.catalogue import catalogue, dataset_names, kind_of
from tuner.datasets.loading import load

__all__ = ["catalogue", "dataset_names", "kind_of", "load"]
