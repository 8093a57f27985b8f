"""The samples of a study, as its trials get them."""

import numpy as np

from tests.training.samples import data


def test_the_whole_data_train_on_the_validation_samples_too_and_validate_on_the_same():
    parts = data()
    whole = parts.whole
    assert len(whole.train) == len(parts.train) + len(parts.validation)
    assert np.array_equal(whole.train.x[: len(parts.train)], parts.train.x)
    assert np.array_equal(whole.train.x[len(parts.train) :], parts.validation.x)
    assert whole.train.y.tolist() == [*parts.train.y, *parts.validation.y]
    assert whole.train.y.dtype == parts.train.y.dtype
    assert whole.validation is parts.validation
