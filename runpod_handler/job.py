"""Reads a job's input; a trial that cannot be trained on a remote worker is refused with one line."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from tuner.datasets import dataset_names
from tuner.errors import FixInputError, nearest
from tuner.remote_protocol import WorkRequest
from tuner.spec_parts import one_line


def parse(job_input: Any) -> WorkRequest:
    """Return the request in a job.

    Raises:
        FixInputError: it is invalid, or names a network or data that only the sender's machine has.
    """
    try:
        request = WorkRequest.model_validate(job_input)
    except ValidationError as error:
        raise FixInputError("; ".join(one_line(e) for e in error.errors()), remedy="correct the request") from None
    trial = request.trial
    if trial.model is not None:
        raise FixInputError(
            f"model={trial.model}: a remote worker does not have your own networks", remedy="train it locally"
        )
    if trial.data.dataset not in dataset_names():
        raise FixInputError(
            f"dataset={trial.data.dataset}: a remote worker only has the named data sets",
            remedy=f"{nearest(trial.data.dataset, dataset_names())}, or train it locally",
        )
    if trial.data.data_dir is not None:
        raise FixInputError(
            f"data_dir={trial.data.data_dir}: a remote worker uses its own folder", remedy="leave it out"
        )
    return request
