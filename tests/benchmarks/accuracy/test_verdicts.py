from __future__ import annotations

from typing import Any

import pytest

from tests.benchmarks.accuracy.cells import DATA, METHODS, Cell, Record, record_of
from tests.benchmarks.accuracy.table import markdown, plot
from tests.benchmarks.accuracy.verdicts import accuracy_after, best_of_all, standard_error, verdicts

MACHINE = {"machine": {"cores": 2, "processor": "x86_64"}}
CURVE = [
    {"ended_s": 10.0, "val_accuracy": 0.5, "test_accuracy": 0.4},
    {"ended_s": 20.0, "val_accuracy": 0.4, "test_accuracy": None},
    {"ended_s": 30.0, "val_accuracy": 0.9, "test_accuracy": 0.8},
]


def record(data: str, method: str, accuracy: float, seed: int = 0, minutes: float = 3.0, **figures: Any) -> Record:
    first = {"test_accuracy": accuracy, "ended_s": 25.0}
    common = {"test_accuracy": accuracy, "test_samples": 100, "saved_s": 170.0, "first_trial": first, "curve": CURVE}
    return record_of(Cell(data, minutes, seed, method), common | MACHINE | figures)


def met(records: list[Record], goal: str) -> bool | None:
    (found,) = [verdict.met for verdict in verdicts(records) if verdict.goal == goal]
    return found


def test_the_median_of_the_seeds_is_compared_with_the_baselines() -> None:
    goal = "digits: median at least the baseline's"
    baseline = [record("digits", "baseline", 0.9, seed) for seed in range(3)]
    assert met([*baseline, *(record("digits", "tuner", one, seed) for seed, one in enumerate((0.1, 0.9, 0.95)))], goal)
    assert not met(
        [*baseline, *(record("digits", "tuner", one, seed) for seed, one in enumerate((0.1, 0.89, 0.95)))], goal
    )
    assert met(baseline, goal) is None


@pytest.mark.parametrize(("accuracy", "expected"), [(0.871, True), (0.869, False)])
def test_no_seed_may_be_more_than_one_standard_error_below_the_baseline_of_its_seed(
    accuracy: float, expected: bool
) -> None:
    assert standard_error(0.9, 100) == pytest.approx(0.03)
    records = [record("imdb", "baseline", 0.9), record("imdb", "tuner", accuracy)]
    records += [record("imdb", "baseline", 0.2, seed=1), record("imdb", "tuner", 0.9, seed=1)]
    assert met(records, "imdb: no seed more than one standard error below the baseline") is expected


def test_other_minutes_do_not_count() -> None:
    records = [record("digits", "tuner", 0.99, minutes=10.0), record("digits", "tuner", 0.5)]
    assert met(records, "digits: median at least 0.985") is False


def test_a_model_that_was_saved_late_counts_for_no_goal() -> None:
    records = [record("digits", "tuner", 0.99, saved_s=200.0), record("digits", "tuner", 0.5, seed=1)]
    assert met(records, "digits: median at least 0.985") is False
    assert met(records[:1], "digits: median at least 0.985") is None


def test_the_engineers_network_is_the_best_one_by_validation_so_far() -> None:
    assert [accuracy_after(CURVE, seconds) for seconds in (5, 10, 25, 30, 99)] == [None, 0.4, 0.4, 0.8, 0.8]


@pytest.mark.parametrize(
    ("ended_s", "accuracy", "expected"), [(25, 0.4, True), (25, 0.39, False), (31, 0.79, False), (5, 0.1, True)]
)
def test_the_first_trial_is_compared_with_the_engineers_network_after_the_same_seconds(
    ended_s: float, accuracy: float, expected: bool
) -> None:
    first = {"test_accuracy": accuracy, "ended_s": ended_s}
    records = [record("mnist", "tuner", 0.99, first_trial=first), record("mnist", "engineer", 0.98)]
    goal = "mnist: the first trial that ends is no worse than the engineer's network after the same seconds"
    assert met(records, goal) is expected
    assert met([record("mnist", "tuner", 0.1, first_trial=None), record("mnist", "engineer", 0.98)], goal) is False


@pytest.mark.parametrize(("lost", "expected"), [(0, True), (1, True), (2, False)])
def test_the_best_of_the_others_may_be_better_on_one_data_set(lost: int, expected: bool) -> None:
    records = [
        record(data, method, 0.95 if method == "engineer" and place < lost else 0.9)
        for place, data in enumerate(DATA)
        for method in METHODS
    ]
    found = best_of_all(records)
    assert found.met is expected
    assert found.evidence.count("engineer 0.9500") == lost
    assert best_of_all(records[:-1]).met is (None if expected else False)


def test_the_page_has_a_row_for_each_data_set_and_minutes_and_one_for_each_goal(tmp_path: Any) -> None:
    records = [record("digits", "tuner", one, seed) for seed, one in enumerate((0.97, 0.98, 0.99))]
    records += [record("digits", "engineer", 0.5), record("digits", "tuner", 0.9, minutes=1.0, saved_s=63.0)]
    page = markdown(records)
    assert "| digits | 3 | 0.980 (0.970 to 0.990) | — | — | — | 0.500 | 170 s |" in page
    assert "| digits | 1 | 0.900 | — | — | — | — | 63 s |" in page
    assert "Saved late: digits, 1 min, seed 0, tuner (63 s)." in page
    assert "| digits: median at least 0.985 | **no** | 0.9800 beside 0.9850 |" in page
    plot(records, tmp_path / "results.png")
    assert (tmp_path / "results.png").stat().st_size > 10_000
