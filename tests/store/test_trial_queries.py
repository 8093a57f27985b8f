"""Pages of trials as JSON, curves, and the trials that led."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from typing import Any, get_args

import pytest

from tests.serve_app.studies import BUILT, LSTM
from tests.store.samples import (
    CNN,
    GOOD,
    T0,
    at,
    complete,
    epoch,
    finding,
    health,
    spec,
    start,
    vital_signs,
)
from tuner.errors import UnknownStudyError
from tuner.events import Devices, HealthAlert, NewBest, Performance, StudyStatus
from tuner.store import Store, TrialFilter, TrialOrder, TrialQueries, TrialSummary
from tuner.store.trial_json import EXPRESSIONS, as_columns, as_objects

ITEMS = tuple(TrialSummary.model_fields)
ALL = tuple(EXPRESSIONS)
DEVICES = Devices(
    node="node-7", gpus=0, threads=2, replicas=1, batch_size=8, learning_rate=0.1, precision="float32", xla=False,
    steps_per_execution=1,
)  # fmt: skip


@pytest.fixture
def queries(store: Store) -> TrialQueries:
    store.create_study(spec("a"), folder="/results/a")
    return TrialQueries(store)


def items(queries: TrialQueries, **asked: Any) -> list[str]:
    return as_objects(queries.page("a", ITEMS, **asked).rows, ITEMS)


def numbers(queries: TrialQueries, **asked: Any) -> list[int]:
    return [row[0] for row in queries.page("a", ["trial_number"], **asked).rows]


def columns(queries: TrialQueries, *names: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = json.loads(as_columns(queries.page("a", names).rows, names))
    return found


def scored(accuracy: float, loss: float = 0.3) -> Performance:
    return Performance(total_score=accuracy, accuracy=accuracy, loss=loss)


class TestItems:
    def test_an_item_is_the_trial_without_what_is_long(self, store: Store, queries: TrialQueries) -> None:
        measured = {"health_metrics": health(), "vital_signs": vital_signs(), "findings": [finding()]}
        given = {"activation": "größer 🙂", "pooling": True, "units": 3}
        store.append("a", start(hyperparameters=given, devices=DEVICES, queued_s=1.5))
        store.append("a", complete(performance=GOOD, values={"val_accuracy": 0.9}, duration_seconds=1.5, **measured))

        (text,) = items(queries)
        whole = store.trials("a")[0].model_dump(mode="json", include=set(ITEMS))
        del whole["architecture"]["layers"]
        assert json.loads(text) == whole
        assert TrialSummary.model_validate_json(text).model_dump(mode="json") == whole

    def test_a_trial_that_runs_or_never_began_has_nulls(self, store: Store, queries: TrialQueries) -> None:
        store.append("a", start(1))
        store.append("a", complete(2, status="rejected", reason='too "large"'))
        running, rejected = map(TrialSummary.model_validate_json, items(queries))
        assert [running.completed_at, running.performance, running.health_metrics, running.cause] == [None] * 4
        assert running.findings == ()
        assert (rejected.reason, rejected.architecture, rejected.started_at) == ('too "large"', None, None)

    def test_pages_of_them_by_number(self, store: Store, queries: TrialQueries) -> None:
        for number in (3, 1, 4, 2):
            store.append("a", complete(number))
        first = queries.page("a", ["trial_number"], limit=3)
        last = queries.page("a", ["trial_number"], after=first.next, limit=3)
        assert [[row[0] for row in page.rows] for page in (first, last)] == [[1, 2, 3], [4]]
        assert last.next is None
        assert first.end.sequence == 4, "the event after which they were read"


class TestColumns:
    def test_they_tell_which_metrics_were_not_measured(self, store: Store, queries: TrialQueries) -> None:
        store.append("a", complete(1, health_metrics=health("gradient_health", convergence_quality=0.5)))
        store.append("a", complete(2, health_metrics=health()))
        store.append("a", complete(3))
        assert columns(queries, "insufficient", "gradient_health", "convergence_quality") == {
            "insufficient": [["gradient_health"], [], None],
            "gradient_health": [0.5, 0.9, None],
            "convergence_quality": [0.5, 0.9, None],
        }

    def test_each_column_has_the_values_of_all_trials(self, store: Store, queries: TrialQueries) -> None:
        for event in (
            start(1, architecture=BUILT, devices=DEVICES),
            complete(1, performance=scored(0.9), health_metrics=health(gradient_health=0.2), findings=[finding()]),
            complete(2, status="rejected", cause="too_large"),
            start(3, architecture=LSTM),
        ):
            store.append("a", event)
        found = columns(queries, *ALL)
        assert tuple(found) == ALL
        assert {len(values) for values in found.values()} == {3}
        assert found["trial_number"] == [1, 2, 3]
        assert found["status"] == ["completed", "rejected", "running"]
        assert found["accuracy"] == [0.9, None, None]
        assert found["gradient_health"] == [0.2, None, None]
        assert found["node"] == ["node-7", None, None]
        assert found["started_at"] == [T0.isoformat().replace("+00:00", "Z"), None, found["started_at"][0]]
        assert found["findings"] == [[finding().model_dump(mode="json")], [], []]
        assert found["hyperparameters"][0] == {"learning_rate": 0.01}
        assert [line and line["type"] for line in found["architecture"]] == ["cnn", None, "lstm"]
        outline = [layer.model_dump(include={"layer_type", "output_shape", "parameters"}) for layer in BUILT.layers]
        assert found["outline"][:2] == [outline, None]
        assert found["outline"][2][0] == {"layer_type": "Embedding", "output_shape": [None, 32], "parameters": 640}

    def test_of_no_trials_they_are_empty(self, queries: TrialQueries) -> None:
        assert columns(queries, "trial_number", "findings") == {"trial_number": [], "findings": []}

    def test_texts_can_be_rewritten(self, store: Store, queries: TrialQueries) -> None:
        store.append("a", complete(1, reason="in /home/ann"))
        store.append("a", start(2))
        rows = queries.page("a", ["reason"]).rows
        assert as_columns(rows, ["reason"], {"reason": str.upper}) == '{"reason":["IN /HOME/ANN",null]}'


class TestFilters:
    @pytest.fixture(autouse=True)
    def trials(self, store: Store, queries: TrialQueries) -> None:
        for event in (
            start(1, architecture=CNN, hyperparameters={"optimizer": "adam"}),
            complete(1, performance=scored(0.9), hyperparameters={"optimizer": "adam"}),
            start(2, architecture=BUILT, hyperparameters={"optimizer": "sgd"}),
            complete(2, status="pruned", cause="pruned", reason="was worse", performance=scored(0.5)),
            start(3, architecture=LSTM, trial_id="special", hyperparameters={"optimizer": "ADAMW"}),
            complete(4, status="failed", cause="out_of_memory", reason="100% of the memory"),
        ):
            store.append("a", event)

    def test_only_trials_that_meet_all_conditions(self, queries: TrialQueries) -> None:
        conditions: list[tuple[dict[str, Any], list[int]]] = [
            ({}, [1, 2, 3, 4]),
            ({"statuses": ["pruned", "failed"]}, [2, 4]),
            ({"causes": ["out_of_memory"]}, [4]),
            ({"architectures": ["cnn"]}, [1, 2]),
            ({"architectures": ["cnn", "lstm"], "statuses": ["running"]}, [3]),
            ({"containing": "adam"}, [1, 3]),
            ({"containing": "SPECIAL"}, [3]),
            ({"containing": "worse"}, [2]),
            ({"containing": "100%"}, [4]),
            ({"containing": "1_0"}, []),
            ({"min_accuracy": 0.5}, [1, 2]),
            ({"max_accuracy": 0.89}, [2]),
            ({"min_parameters": 1_898}, [2, 3]),
            ({"max_parameters": 1_898}, [1, 2]),
            ({"min_parameters": 2**40}, []),
            ({"since": 0}, [1, 2, 3, 4]),
            ({"since": 3}, [2, 3, 4]),
            ({"since": 6}, []),
        ]
        for asked, expected in conditions:
            assert numbers(queries, matching=TrialFilter(**asked)) == expected, asked

    def test_an_event_of_the_study_itself_changes_no_trial(self, store: Store, queries: TrialQueries) -> None:
        store.append("a", StudyStatus(status="completed"))
        store.append("a", HealthAlert(trial_number=2, finding=finding()))
        assert numbers(queries, matching=TrialFilter(since=6)) == [2]


class TestOrder:
    def test_pages_in_each_order_have_every_trial_once(self, store: Store, queries: TrialQueries) -> None:
        for number, accuracy in enumerate((0.5, 0.9, 0.5, None, 0.1, None), 1):
            if accuracy is None:
                store.append("a", complete(number, status="rejected"))
                continue
            store.append("a", start(number, architecture=BUILT if number % 2 else CNN))
            measured = {"performance": scored(accuracy, 1 / 3 + accuracy), "health_metrics": health()}
            store.append("a", complete(number, objective=accuracy, time=at(number), **measured))
        for order, descending in product(get_args(TrialOrder), (False, True)):
            found, after = [], None
            for _ in range(6):
                page = queries.page("a", [], order=order, descending=descending, after=after, limit=1)
                found += [page.next.trial_number] if page.next is not None else []
                after = page.next
            assert len(set(found)) == 5, order
            whole = numbers(queries, order=order, descending=descending)
            assert whole[:5] == found, order
            assert sorted(whole) == [1, 2, 3, 4, 5, 6], order

    def test_trials_without_a_value_come_last_and_equal_ones_by_number(
        self, store: Store, queries: TrialQueries
    ) -> None:
        for number, accuracy in enumerate((0.5, 0.9, 0.5, None, 0.1), 1):
            store.append("a", complete(number, performance=None if accuracy is None else scored(accuracy)))
        assert numbers(queries, order="accuracy", descending=True) == [2, 1, 3, 5, 4]
        assert numbers(queries, order="accuracy") == [5, 1, 3, 2, 4]


class TestSpread:
    def test_trials_of_some_statuses_evenly_spread(self, store: Store, queries: TrialQueries) -> None:
        for number in range(1, 11):
            store.append("a", complete(number, status="failed" if number == 2 else "completed", objective=0.5))
        few = queries.spread("a", ["completed", "pruned"], 3)
        assert [trial.trial_number for trial in few] == [1, 5, 8]
        assert few == [trial for trial in store.trials("a") if trial.trial_number in (1, 5, 8)]
        assert [trial.trial_number for trial in queries.spread("a", ["completed"], 9)] == [1, *range(3, 11)]
        assert queries.spread("a", ["rejected"], 3) == []


class TestCurves:
    def test_of_all_trials_by_epoch(self, store: Store, queries: TrialQueries) -> None:
        for event in (start(2), epoch(1, 2, loss=0.75), start(1), epoch(1, 1, loss=0.5), epoch(2, 1, loss=0.25)):
            store.append("a", event)
        end, found = queries.curves("a", "train_loss", 100)
        assert (end.sequence, end.created_at) == (5, store.study("a").created_at)
        assert found == [(1, [1, 2], [0.5, 0.25]), (2, [1], [0.75])]

    def test_a_long_one_keeps_its_ends(self, store: Store, queries: TrialQueries) -> None:
        for number in range(1, 102):
            store.append("a", epoch(number))
        _, ((_, epochs, values),) = queries.curves("a", "val_accuracy", 5)
        assert epochs == [1, 26, 51, 76, 101]
        assert values == [0.8] * 5

    def test_trials_without_the_metric_are_left_out(self, store: Store, queries: TrialQueries) -> None:
        store.append("a", epoch(1, 1))
        store.append("a", epoch(1, 2, health_metrics=health()))
        assert queries.curves("a", "overall_health", 10)[1] == [(2, [1], [pytest.approx(0.9)])]


def test_who_led_when(store: Store, queries: TrialQueries) -> None:
    leads = [NewBest(trial_number=number, objective=number / 10, performance=GOOD) for number in (1, 3)]
    for event in (start(1, hyperparameters={"note": '"new_best"'}), leads[0], complete(1), leads[1]):
        store.append("a", event)
    assert queries.bests("a") == [(2, leads[0]), (4, leads[1])]


class TestLiveSnapshot:
    def test_it_has_running_trials_as_rows_and_all_as_json(self, store: Store, queries: TrialQueries) -> None:
        for event in (start(1), epoch(1, 1), complete(1, duration_seconds=3), start(2), epoch(1, 2)):
            store.append("a", event)
        found = store.live_snapshot("a", ["trial_number", "status"], only_running=False)
        assert (found.sequence, found.study) == (5, store.study("a"))
        assert [row.trial_number for row in found.running] == [2]
        assert found.epochs == store.epochs("a", 2)
        assert found.totals.counts == {"completed": 1, "running": 1}
        assert found.totals.seconds["completed"] == 3
        assert found.trials == ['{"trial_number":1,"status":"completed"}', '{"trial_number":2,"status":"running"}']

    def test_without_those_that_ended(self, store: Store, queries: TrialQueries) -> None:
        for event in (start(1), complete(1), start(2)):
            store.append("a", event)
        found = store.live_snapshot("a", ["trial_number"], only_running=True)
        assert found.trials == ['{"trial_number":2}']
        assert found.totals.counts == {"completed": 1, "running": 1}


def test_an_unknown_study_is_an_error_of_one_line(store: Store, queries: TrialQueries) -> None:
    uses: list[Callable[[], object]] = [
        lambda: queries.page("x", ["trial_number"]),
        lambda: queries.curves("x", "val_loss", 2),
        lambda: queries.bests("x"),
        lambda: store.live_snapshot("x", ["trial_number"], only_running=True),
    ]
    for use in uses:
        with pytest.raises(UnknownStudyError, match="unknown study 'x'"):
            use()
