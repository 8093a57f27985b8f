from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.speed.processes import Ended
from tests.benchmarks.speed.ratios import accuracy_verdicts, check_verdicts, is_met, ratios, spread
from tests.benchmarks.speed.records import (
    Record,
    Task,
    append_records,
    by_repeat,
    missing,
    planned,
    read_records,
    rotated,
    tasks_of,
)
from tests.benchmarks.speed.rows import CHECKED, METHODS, ROWS, SEARCHING, Comparison
from tests.benchmarks.speed.table import markdown, plot

CONDITIONS = {
    "date": "2026-12-01T10:00:00+00:00",
    "load": 0.25,
    "machine": {"processor": "some processor", "cores": 2, "memory_gb": 8.0, "system": "Linux"},
    "commit": "abc1234",
    "versions": {"ray": "2.60.0"},
}
FIRST_BATCH = ROWS["first_batch"].comparisons()[0]


def record(row: str, method: str, value: float | None, repeat: int = 0, **more: Any) -> Record:
    return {"row": row, "method": method, "repeat": repeat, "value": value} | CONDITIONS | more


def pairs(row: str, ours: str, peer: str, *values: tuple[float | None, float | None]) -> list[Record]:
    return [
        record(row, method, value, repeat)
        for repeat, pair in enumerate(values)
        for method, value in zip((ours, peer), pair, strict=True)
    ]


# --- tasks and records ---


def test_each_repeat_begins_with_another_method() -> None:
    row = ROWS["eight_trials"]
    firsts = [task.methods[0] for task in tasks_of(row, repeats=4)[:: len(row.groups)]]
    assert firsts == ["tuner", "ray_reuse", "ray_documented", "tuner"]
    assert sorted(rotated(row.groups, 1)) == sorted(row.groups)


def test_all_rows_have_a_repeat_before_any_row_has_the_next_one() -> None:
    tasks = planned(ROWS.values())
    assert [task.repeat for task in tasks] == sorted(task.repeat for task in tasks)
    assert {task.row for task in tasks if task.repeat == 0} == set(ROWS)
    assert max(task.repeat for task in tasks if task.row == "mnist_985") == 2


def test_a_run_continues_with_the_measurements_that_have_no_record(tmp_path: Path) -> None:
    file = tmp_path / "speed.jsonl"
    tasks = planned([ROWS["overhead"], ROWS["listing"]], repeats=1)
    assert missing(tasks, read_records(file)) == tasks
    append_records(file, [record("overhead", "tuner", 0.1), record("listing", "tuner_list", 0.5)])
    left = [Task("overhead", 0, ("ray_reuse",)), Task("listing", 0, ROWS["listing"].groups[0])]
    assert missing(tasks, read_records(file)) == left
    append_records(file, [record("overhead", "ray_reuse", 0.1)])
    append_records(file, [record("listing", method, 0.5) for method in ROWS["listing"].methods])
    assert missing(tasks, read_records(file)) == []


def test_the_last_line_of_a_measurement_counts() -> None:
    found = by_repeat([record("serve", "tuner", 9.0), record("serve", "tuner", 8.0)], "serve", "tuner")
    assert [one["value"] for one in found.values()] == [8.0]


def test_every_method_has_a_name_and_every_comparison_two_methods() -> None:
    for row in ROWS.values():
        assert set(row.methods) <= METHODS.keys()
        for comparison in row.comparisons():
            assert {comparison.ours, comparison.peer} <= set(row.methods)


def test_the_figures_of_a_script_are_its_last_line_of_json() -> None:
    output = 'a warning\n{"at": 1.0}\n{"at": 2.0}\n{broken\nthe end\n'
    assert Ended(0.0, 1.0, 0, output, timed_out=False).figures() == {"at": 2.0}
    assert Ended(0.0, 1.0, 0, "no figures\n", timed_out=False).figures() is None


# --- ratios and goals ---


def test_a_ratio_needs_both_methods_of_a_repeat() -> None:
    records = pairs("first_batch", "tuner", "keras", (6.0, 3.0), (9.0, 3.0), (4.0, 4.0))
    assert ratios(records, FIRST_BATCH) == [2.0, 3.0, 1.0]
    assert ratios(records[:-1], FIRST_BATCH) == [2.0, 3.0]
    assert ratios([], FIRST_BATCH) == []


@pytest.mark.parametrize(("kind", "ratio"), [("time", 0.5), ("speed", 2.0), ("count", 0.5)])
def test_the_kind_decides_what_is_divided(kind: Any, ratio: float) -> None:
    comparison = Comparison("first_batch", "", "tuner", "keras", kind=kind)
    assert ratios(pairs("first_batch", "tuner", "keras", (2.0, 4.0)), comparison) == [ratio]


@pytest.mark.parametrize(
    ("kind", "goal", "ratio", "expected"),
    [
        ("time", 2.0, 2.0, True),
        ("time", 2.0, 2.01, False),
        ("speed", 1.0, 1.0, True),
        ("speed", 1.0, 0.99, False),
        ("count", 0.97, 0.98, True),
        ("count", 0.97, 0.96, False),
        ("time", None, 0.1, None),
    ],
)
def test_time_has_a_largest_ratio_and_the_other_kinds_a_smallest_one(
    kind: Any, goal: float | None, ratio: float, expected: bool | None
) -> None:
    assert is_met(Comparison("first_batch", "", "tuner", "keras", goal, kind), ratio) is expected


def test_a_target_that_was_not_reached_counts_as_the_limit_for_a_peer_and_as_infinite_for_us() -> None:
    comparison = Comparison("mnist_97", "", "tuner", "hyperband")
    records = pairs("mnist_97", "tuner", "hyperband", (30.0, None), (None, 30.0), (None, None))
    assert ratios(records, comparison) == [0.1, math.inf, math.inf]


def test_the_spread_is_the_median_and_the_bounds() -> None:
    found = spread([3.0, 1.0, 2.0, 9.0])
    assert found is not None
    assert (found.median, found.smallest, found.largest) == (2.5, 1.0, 9.0)
    assert spread([]) is None


def accuracies(row: str, **of_methods: list[float | None]) -> dict[str, bool | None]:
    records = [
        record(row, method, value, repeat)
        for method, values in of_methods.items()
        for repeat, value in enumerate(values)
    ]
    return {one.goal.partition(": ")[2]: one.met for one in accuracy_verdicts(records) if ROWS[row].title in one.goal}


def test_97_percent_is_compared_with_the_engineer() -> None:
    engineer = [10.0, 12.0, 20.0]
    assert accuracies("mnist_97", tuner=[9.0, 12.0, 40.0], engineer=engineer) == {
        "median at most the engineer's": True,
        "no seed above twice the engineer's slowest": True,
    }
    assert list(accuracies("mnist_97", tuner=[13.0, 13.0, 41.0], engineer=engineer).values()) == [False, False]
    assert list(accuracies("mnist_97", tuner=[9.0, 9.0, None], engineer=engineer).values()) == [True, False]
    assert list(accuracies("mnist_97", tuner=[9.0]).values()) == [None, None]


def test_98_5_percent_is_compared_with_the_best_searching_peer() -> None:
    peers: dict[str, list[float | None]] = {name: [None, None, None] for name in SEARCHING} | {
        "ray_asha": [200.0, 150.0, None]
    }
    assert list(accuracies("mnist_985", tuner=[30.0, 40.0, 180.0], **peers).values()) == [True, True, True]
    assert list(accuracies("mnist_985", tuner=[30.0, 41.0, 181.0], **peers).values()) == [True, False, False]
    assert list(accuracies("mnist_985", tuner=[61.0, 61.0, 61.0]).values()) == [False, True, None]
    assert list(accuracies("mnist_985").values()) == [None]


# --- the table ---


def test_the_page_has_a_line_for_each_comparison_and_the_conditions() -> None:
    records = pairs("first_batch", "tuner", "keras", (9.0, 3.0), (6.0, 3.0), (7.5, 3.0))
    records += pairs("health", "health", "simple", (98.0, 100.0))
    records += pairs("mnist_97", "tuner", "hyperband", (30.0, None))
    page = markdown(records)
    assert "cold | tuner: 7.5 s | Keras script: 3 s | 2.50 (2.00 to 3.00; 3) | ≤ 2 | **no** |" in page
    assert "| mode=health: 98 trials | mode=simple: 100 trials | 0.98 (0.98 to 0.98; 1) | ≥ 0.97 | yes |" in page
    assert "| tuner: 30 s | KerasTuner Hyperband: > 300 s | 0.10 (0.10 to 0.10; 1) | — | — |" in page
    assert "| tuner: — | Ray Serve, one route: — | — | ≤ 1 | — |" in page
    assert "bench_cluster_overhead.py" in page
    assert "10 measurements, 2026-12-01, on: 2 cores (some processor), 8 GB, Linux." in page
    assert page.count("\n| ") == sum(len(row.comparisons()) for row in ROWS.values()) + 3 + 2 + 2


def test_an_empty_file_has_a_page_too() -> None:
    assert "Nothing is measured yet." in markdown([])


def test_the_plot_shows_ratios_that_are_finite(tmp_path: Path) -> None:
    records = pairs("first_batch", "tuner", "keras", (9.0, 3.0), (6.0, 3.0))
    records += pairs("step", "lstm", "lstm_plain", (4.0, 3.0)) + pairs("mnist_97", "tuner", "engineer", (None, 10.0))
    plot(records, tmp_path / "speed.png")
    assert (tmp_path / "speed.png").stat().st_size > 10_000


# --- the check ---


@pytest.mark.parametrize(("now", "expected"), [(2.0, True), (2.4, True), (2.41, False)])
def test_the_check_fails_if_a_median_ratio_is_over_20_percent_worse(now: float, expected: bool) -> None:
    committed = pairs("first_batch", "tuner", "keras", (2.0, 1.0), (2.0, 1.0))
    fresh = pairs("first_batch", "tuner", "keras", (now, 1.0), (now, 1.0), (99.0, 1.0), (0.1, 1.0), (now, 1.0))
    assert checked(fresh, committed)["first_batch, tuner / keras"] is expected


@pytest.mark.parametrize(("now", "expected"), [(1.0, True), (1.19, True), (1.21, False)])
def test_the_check_of_a_speed_fails_if_it_falls(now: float, expected: bool) -> None:
    committed = pairs("step", "lstm", "lstm_plain", (1.0, 1.0))
    assert checked(pairs("step", "lstm", "lstm_plain", (now, 1.0)), committed)["step, lstm / lstm_plain"] is expected


def test_the_check_compares_only_what_was_measured_both_times() -> None:
    some = pairs("overhead", "tuner", "ray_reuse", (0.1, 0.1))
    assert set(checked(some, []).values()) == {None}
    assert set(checked([], some).values()) == {None}
    assert {goal.partition(",")[0] for goal in checked([], [])} == set(CHECKED)


def checked(fresh: list[Record], committed: list[Record]) -> dict[str, bool | None]:
    return {one.goal: one.met for one in check_verdicts(fresh, committed)}
