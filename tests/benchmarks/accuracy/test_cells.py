from __future__ import annotations

from pathlib import Path

from tests.benchmarks.accuracy.cells import (
    DATA,
    METHODS,
    Cell,
    append_record,
    cell_of,
    chosen_cells,
    missing_cells,
    read_records,
    record_of,
)
from tests.benchmarks.accuracy.sources import lacking_file
from tests.benchmarks.accuracy.tuner_command import latest_overhead_s


def test_the_table_has_three_seeds_at_three_minutes_and_one_at_one_and_ten() -> None:
    cells = chosen_cells()
    assert len(cells) == len(set(cells)) == (len(DATA) * 3 + 3 * 2) * len(METHODS)
    assert {(cell.minutes, cell.seed) for cell in cells if cell.data == "ag_news"} == {(3.0, 0), (3.0, 1), (3.0, 2)}
    assert {(cell.minutes, cell.seed) for cell in cells if cell.data == "imdb"} >= {(1.0, 0), (10.0, 0)}


def test_data_and_methods_choose_cells_of_the_table() -> None:
    cells = chosen_cells(data=["ag_news", "imdb"], methods=["tuner"])
    assert set(cells) == {
        cell for cell in chosen_cells() if cell.data in ("ag_news", "imdb") and cell.method == "tuner"
    }


def test_minutes_and_seeds_replace_those_of_the_table() -> None:
    assert chosen_cells(["digits"], [0.5], [7], ["engineer"]) == [Cell("digits", 0.5, 7, "engineer")]
    assert {cell.minutes for cell in chosen_cells(["digits"], seeds=[0])} == {3.0}


def test_the_methods_of_a_data_set_follow_each_other() -> None:
    assert [cell.method for cell in chosen_cells()[: len(METHODS)]] == list(METHODS)
    assert len({cell.data for cell in chosen_cells()[: len(METHODS)]}) == 1


def test_finished_cells_are_not_measured_again(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    cells = chosen_cells(["digits"], [3.0], [0])
    assert missing_cells(cells, read_records(file)) == cells
    for cell in cells[:2]:
        append_record(file, record_of(cell, {"test_accuracy": 0.9}))
    assert [cell_of(record) for record in read_records(file)] == cells[:2]
    assert missing_cells(cells, read_records(file)) == cells[2:]


def test_a_data_set_without_its_file_is_known(tmp_path: Path) -> None:
    assert lacking_file("imdb", tmp_path) == tmp_path / "imdb.npz"
    assert lacking_file("digits", tmp_path) is None
    (tmp_path / "imdb.npz").touch()
    assert lacking_file("imdb", tmp_path) is None


def test_the_budget_leaves_the_seconds_that_the_latest_command_on_this_data_set_needed_beside_it() -> None:
    figures = [("digits", "tuner", 99.0, 40.0), ("digits", "tuner", 170.0, 150.0), ("imdb", "tuner", 180.0, 120.0)]
    records = [
        {"data": data, "method": method, "saved_s": saved_s, "time_budget_s": budget_s}
        for data, method, saved_s, budget_s in figures
    ]
    assert latest_overhead_s(records, "digits") == 20.0
    assert latest_overhead_s([*records, {"data": "mnist", "method": "baseline", "saved_s": 9.0}], "mnist") is None
