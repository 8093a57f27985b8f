"""Percentages, and how certain they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tuner.study.report.shares import by_chance, interval, percent, points, whole_percent


@pytest.mark.parametrize(
    ("share", "samples", "text"),
    [
        (0.968, 300, "96.8 %"),
        (0.99124, 10_000, "99.12 %"),
        (1.0, 300, "100 %"),
        (0.0, None, "0 %"),
        (0.9999, 300, "99.9 %"),
        (0.99999, 10_000, "99.99 %"),
    ],
)
def test_a_share_has_as_many_digits_as_its_samples_allow(share: float, samples: int | None, text: str) -> None:
    assert percent(share, samples) == text.replace(" ", "\N{NO-BREAK SPACE}")


def test_differences() -> None:
    assert points(-0.0349) == "3.5 percentage points"
    assert points(0.01) == "1.0 percentage point"
    assert whole_percent(0.774) == "77\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(("right", "samples"), [(290, 300), (0, 10), (10, 10), (9_912, 10_000)])
def test_the_interval_is_wilsons(right: int, samples: int) -> None:
    expected = stats.binomtest(right, samples).proportion_ci(0.95, method="wilson")
    assert np.allclose(interval(right / samples, samples), (expected.low, expected.high))


def test_without_samples_nothing_is_known() -> None:
    assert interval(0.0, 0) == (0.0, 1.0)
    assert by_chance(0.1, 0, 0.9, 100)


def test_what_chance_explains() -> None:
    assert by_chance(0.94, 300, 0.968, 300)
    assert not by_chance(0.94, 30_000, 0.968, 30_000)
