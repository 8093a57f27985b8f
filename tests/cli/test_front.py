"""What the command line shows of several objectives."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import HYPERPARAMETERS
from tests.store.samples import CNN, complete, spec, start
from tuner.console.formatting import MOST_LISTED
from tuner.console.show import front_line
from tuner.events import NewBest, Performance
from tuner.study.result import view


@pytest.fixture
def study(store, results):
    """A study with trials of these accuracies and sizes: study((0.9, 300), ...)."""

    def of(*trials, **fields):
        given = {"objective": ["val_accuracy", "parameter_count"], "scheduler": "none"} | fields
        store.create_study(spec("a", dataset="digits", **given), folder=str(results / "a"))
        best = 0.0
        for number, (accuracy, size) in enumerate(trials, 1):
            scores = Performance(total_score=accuracy, accuracy=accuracy, loss=1 - accuracy)
            values = {"val_accuracy": accuracy, "val_loss": 1 - accuracy, "parameter_count": size}
            told = {"hyperparameters": HYPERPARAMETERS}
            store.append("a", start(number, architecture=CNN, **told))
            store.append("a", complete(number, performance=scores, objective=accuracy, values=values, **told))
            if accuracy > best:
                best = accuracy
                store.append("a", NewBest(trial_number=number, objective=accuracy, performance=scores))
        return view(store, "a")

    return of


THREE = ((0.6, 100.0), (0.9, 3000.0), (0.8, 4000.0))


def test_show_marks_the_trials_of_the_front_and_names_them(study, tuner):
    study(*THREE)
    out = tuner("show", "a").out
    assert "front     trials 2, 1 (marked * below)" in out
    marks = [line.split()[0] for line in out.splitlines() if " completed " in line]
    assert marks == ["*1", "*2", "3"]


def test_best_has_a_table_of_the_front(study, tuner):
    study(*THREE)
    out = tuner("best", "a").out
    after = out[out.index("Pareto front: no other trial improves one of val_accuracy, parameter_count") :].splitlines()
    assert [line.split() for line in after[1:4]] == [
        ["trial", "val_accuracy", "parameter_count"], ["2", "0.9000", "3,000"], ["1", "0.6000", "100"],
    ]  # fmt: skip


def test_json_has_the_numbers_and_what_they_stand_for(study, tuner):
    study(*THREE)
    assert json.loads(tuner("show", "a", "--json").out)["front"] == [2, 1]
    told = json.loads(tuner("best", "a", "--json").out)["front"]
    assert [one["trial_number"] for one in told] == [2, 1]
    assert told[0]["values"]["parameter_count"] == 3000
    assert told[0]["hyperparameters"] == HYPERPARAMETERS


def test_of_one_objective_the_front_is_the_best_and_nothing_is_said_of_it(study, tuner):
    shown = study(*THREE, objective="val_accuracy")
    assert shown.front == [2]
    assert front_line(shown) is None
    assert "front" not in tuner("show", "a").out
    assert "Front" not in tuner("best", "a").out


def test_a_study_without_a_result_has_no_front(study):
    assert study(objective="val_accuracy").front == []


def test_without_a_trial_on_it_the_line_is_empty(study):
    assert front_line(study(*THREE, constraints=["val_accuracy>=0.99"])) == "-"


def test_a_long_front_is_cut_short(study):
    shown = study(*((number / 100, float(number)) for number in range(1, MOST_LISTED + 4)))
    assert len(shown.front) == MOST_LISTED + 3
    assert front_line(shown).endswith(" and 3 more")


def test_the_end_of_a_study_names_the_front(study):
    from rich.console import Console

    from tuner.console.show import summary

    out = Console(width=120)
    with out.capture() as captured:
        out.print(summary(study(*THREE)))
    assert ["front", "trials", "2,", "1"] in [line.split() for line in captured.get().splitlines()]
