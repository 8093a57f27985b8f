"""The label column of a table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tuner.datasets import column_names
from tuner.errors import FixInputError

if TYPE_CHECKING:
    import pandas as pd

_DECIMAL = re.compile(r"[+-]?\d+\.\d*")


def label_column(frame: pd.DataFrame, path: Path) -> Any:
    """Return the column that is named as a label; None if there is none. `label` comes first, then `class` ...

    Several columns with names such as category and sentiment are ambiguous, unless each value of one has one of the
    other.
    """
    ranks = {
        column: rank
        for column in frame.columns
        if (rank := column_names.rank(column, column_names.LABELS)) is not None
        and column_names.rank(column, ("text", "image", "pixel")) != 0
    }
    texts = [column for column in frame.columns if column_names.rank(column, column_names.TEXTS) is not None]
    if not ranks and len(frame.columns) == 2 and len(texts) == 1:
        return next(column for column in frame.columns if column != texts[0])
    if not ranks:
        return None
    best = min(ranks, key=lambda column: ranks[column])
    exact = [column for column, rank in ranks.items() if rank < len(column_names.LABELS)]
    rivals = [column for column in exact if column != best and ranks[best] > 3]
    pairs = {
        column: len(set(zip(frame[best].astype(str), frame[column].astype(str), strict=True))) for column in rivals
    }
    rivals = [column for column, count in pairs.items() if count != frame[best].astype(str).nunique()]
    if rivals:
        raise FixInputError(
            f"{path} has several columns that may be the label: {', '.join(map(str, [best, *rivals]))}",
            remedy="name one of them label",
        )
    return best


def labels_of(column: pd.Series[Any]) -> np.typing.NDArray[np.generic]:
    """Return the labels of a column without missing values, as numbers or objects."""
    values = [value.strip() if isinstance(value, str) else value for value in column.tolist()]
    if all(isinstance(value, float) for value in values) or all(_DECIMAL.fullmatch(str(value)) for value in values):
        return np.array(values, np.float64)
    return np.array(values, object)
