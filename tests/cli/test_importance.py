"""`tuner importance`, and what a study's end says of it."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest
from rich.console import Console

from tests.cli.conftest import Tuner
from tests.store.samples import complete, spec
from tuner.console.importance import most_important
from tuner.console.show import summary
from tuner.events import StudyStatus
from tuner.store import Store
from tuner.study.importance import importance_of
from tuner.study.result import StudyResult, view


@pytest.fixture
def decided(store: Store, results: Path) -> str:
    """The name of a study that runs, whose learning rate decides; one name of its own model is long."""
    store.create_study(spec("d", trials=30), folder=str(results / "d"))
    store.append("d", StudyStatus(status="running"))
    chance = random.Random(0)
    for number in range(1, 21):
        values = {"optimizer": "adam", "learning_rate": chance.random(), "units_" * 12: chance.randint(1, 9)}
        objective = float(values["learning_rate"])
        store.append("d", complete(number, hyperparameters=values, objective=objective))
    return "d"


class TestTable:
    def test_the_parameters_that_varied_with_bars_the_most_important_first(self, tuner: Tuner, decided: str) -> None:
        code, out, err = tuner("importance", "d")
        assert (code, err) == (0, "")
        heading, first, second, _, last = out.splitlines()
        assert heading.split() == ["parameter", "share"]
        assert first.split()[0] == "learning_rate"
        assert first.count("━") > 10 > second.count("━")
        assert last == "Share of the variance of val_accuracy that each explains, from 20 trials (fanova)."

    @pytest.mark.parametrize("columns", [40, 80])
    def test_it_fits_the_terminal(
        self, tuner: Tuner, decided: str, monkeypatch: pytest.MonkeyPatch, columns: int
    ) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = tuner("importance", "d").out.splitlines()[:3]
        assert max(map(len, lines)) <= columns
        assert "learning_rate  " in lines[1]
        assert "━━━" in lines[1]


class TestJson:
    def test_shares_by_name(self, tuner: Tuner, decided: str) -> None:
        document = json.loads(tuner("importance", "d", "--json").out)
        assert set(document) == {"importance", "reason", "trials_used", "evaluator"}
        assert (document["reason"], document["trials_used"], document["evaluator"]) == (None, 20, "fanova")
        assert next(iter(document["importance"])) == "learning_rate"
        assert sum(document["importance"].values()) == pytest.approx(1)

    def test_null_and_the_reason_where_it_is_not_known(self, tuner: Tuner, running: str) -> None:
        code, out, err = tuner("importance", "a", "--json")
        assert (code, err) == (0, "")
        assert json.loads(out) == {
            "importance": None,
            "reason": "needs at least 10 trials, has 3",
            "trials_used": 3,
            "evaluator": "fanova",
        }


def test_where_it_is_not_known_one_line_tells_why(tuner: Tuner, running: str) -> None:
    assert tuner("importance", "a") == (
        2,
        "",
        "error: the importance of study 'a' is not known: needs at least 10 trials, has 3 - see `tuner show a`\n",
    )
    assert tuner("importance", "x").err == "error: unknown study 'x' - see `tuner list`\n"


def test_of_an_ended_study_the_remedy_is_the_command_that_trains_the_missing_trials(
    tuner: Tuner, store: Store, running: str
) -> None:
    store.append("a", StudyStatus(status="cancelled", reason="by the user"))
    assert tuner("importance", "a").err.endswith("has 3 - `tuner resume a trials=+7` adds them\n")


def test_in_python_it_is_a_dictionary_or_none(store: Store, decided: str, running: str) -> None:
    shares = StudyResult(view(store, decided)).importance
    assert shares is not None
    assert shares["learning_rate"] > 0.9
    assert StudyResult(view(store, running)).importance is None


def test_the_end_of_a_study_names_the_three_most_important(store: Store, decided: str, running: str) -> None:
    def said(name: str) -> str:
        out = Console(file=io.StringIO(), width=200)
        out.print(summary(view(store, name)))
        return out.file.getvalue()  # type: ignore[attr-defined, no-any-return]

    assert "influence  learning_rate 0." in said(decided)
    assert "influence" not in said(running)
    found = importance_of(store.trials(decided), "val_accuracy")
    assert most_important(found, 1) == f"learning_rate {found.importance['learning_rate']:.2f}"  # type: ignore[index]
