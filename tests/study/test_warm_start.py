"""Which earlier studies a new one begins with, and which it refuses."""

from __future__ import annotations

import logging

import pytest

from tests.search.test_warm_start import ADAM, SGD
from tests.store.samples import complete, start
from tuner.errors import FixInputError
from tuner.events import Architecture, StudyStatus
from tuner.settings import Settings
from tuner.spec import StudySpec, parse_study_spec
from tuner.store import Store
from tuner.study.driver import run
from tuner.study.plan import complete as completed_spec
from tuner.study.plan import make_plan
from tuner.study.warm_start import check_warm_start, find_warm_start

OWN_MODEL = """
space = {"units": "1..9"}
def build(hyperparameters, input_shape, classes): ...
"""


@pytest.fixture
def settings(tmp_path):
    return Settings(results_dir=tmp_path / "results", data_dir=None, database_url=None)


@pytest.fixture
def store(settings):
    with Store.open(settings.store_url()) as opened:
        yield opened


@pytest.fixture
def ran(store, settings):
    """Puts a study into the store: ran(name, accuracy, ...); nothing is in its folder."""

    def put(name, *accuracies, kind="cnn", status="completed", ended="completed", hyperparameters=ADAM, **fields):
        spec = parse_study_spec({"run_name": name, "dataset": "digits"} | fields)
        store.create_study(completed_spec(spec, settings), folder="/nowhere")
        for number, accuracy in enumerate(accuracies, 1):
            hp, of = hyperparameters | {"dropout": number / 100}, f"{name}-{number:05d}"
            network = Architecture(type=kind, total_parameters=650, layers=[])
            store.append(name, start(number, hyperparameters=hp, architecture=network, trial_id=of))
            values = {"val_accuracy": accuracy, "val_loss": 1 - accuracy, "parameter_count": 650.0}
            end = {"status": ended, "values": values, "objective": accuracy}
            store.append(name, complete(number, hyperparameters=hp, trial_id=of, **end))
        store.append(name, StudyStatus(status=status))

    return put


@pytest.fixture
def plan(settings):
    def of(**fields):
        return make_plan(parse_study_spec({"run_name": "new", "dataset": "digits"} | fields), settings)

    return of


@pytest.fixture
def found(store, plan, caplog):
    """What a study with these fields begins with: the studies whose results it knows."""
    caplog.set_level(logging.INFO, "tuner.study")

    def of(**fields):
        warm = find_warm_start(store, plan(**fields))
        return [result.trial.trial_id[:-6] for result in warm.results], [hp["dropout"] for hp in warm.first]

    return of


def test_without_the_field_nothing_is_taken_over(ran, found, caplog):
    ran("old", 0.5)
    assert found() == ([], [])
    assert caplog.messages == []


def test_a_named_study_gives_its_results_and_its_best(ran, found, caplog):
    ran("old", 0.5, 0.7)
    ran("other", 0.9)
    assert found(warm_start_from="old") == (["old", "old"], [0.02, 0.01])
    assert caplog.messages == [
        "warm start from old; results known: 2 (same data and epochs); configurations tried first, once: 2"
    ]


def test_auto_takes_all_of_the_kind_and_the_most_recent_is_the_nearest(ran, found):
    ran("old", 0.5)
    ran("lost", 0.5, status="running")
    ran("later", 0.6, status="cancelled")
    ran("failed", 0.6, status="failed")
    ran("by-loss", 0.6, objective="val_loss")
    ran("lstm", 0.6, kind="lstm", architecture="lstm")
    assert found(warm_start_from="auto")[0] == ["old", "later"]


def test_auto_prefers_the_same_data_set(ran, found, caplog):
    ran("same", 0.1)
    ran("elsewhere", 0.9, 0.9, dataset="mnist")
    assert found(warm_start_from="auto", trials=8) == (["same"], [0.01, 0.02])
    assert caplog.messages[0].startswith("warm start from same, elsewhere; results known: 1")


def test_auto_without_an_earlier_study_goes_on_and_says_so(found, caplog):
    assert found(warm_start_from="auto") == ([], [])
    assert caplog.messages == ["warm_start_from=auto: no earlier study of this kind; the search begins without"]


def test_results_on_other_data_are_not_known_and_the_log_says_why(ran, found, caplog):
    ran("old", 0.5, sample_percentage=0.5)
    assert found(warm_start_from="old") == ([], [0.01])
    assert "results known: 0 (other data or epochs); configurations tried first, once: 1" in caplog.messages[0]


def test_a_searcher_that_learns_nothing_says_so(ran, found, caplog):
    ran("old", 0.5)
    assert found(warm_start_from="old", searcher="random") == ([], [0.01])
    assert "(searcher=random learns from none)" in caplog.messages[0]


def test_a_study_that_goes_on_sees_what_was_there_when_it_began(ran, store, plan, found):
    ran("old", 0.5)
    ran("new", 0.8, warm_start_from="auto")
    ran("later", 0.9)
    assert found(warm_start_from="auto")[0] == ["old"]


def test_a_study_that_goes_on_does_without_what_is_gone(ran, store, found, caplog):
    ran("old", 0.5)
    store.delete_study("old")
    assert found(warm_start_from="old") == ([], [])
    assert "no earlier study of this kind" in caplog.messages[0]


def test_the_other_studys_trials_are_not_touched(ran, store, found):
    ran("old", 0.5)
    before = store.read("old")
    found(warm_start_from="old")
    assert store.read("old") == before


# --- refused ---


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ({"kind": "lstm"}, {}, "it searches lstm networks, this study cnn networks"),
        ({}, {"architecture": "lstm"}, "it searches cnn networks, this study lstm networks"),
        ({"objective": "val_loss"}, {}, "it optimises val_loss, this study val_accuracy"),
        ({"objective": ["val_loss", "val_accuracy"]}, {}, "it optimises val_loss, this study val_accuracy"),
        ({"ended": "failed"}, {}, "it has no completed trial"),
        ({"model": "their:build", "kind": "own"}, {}, "it searches the model their:build, this study cnn networks"),
        ({}, {"model": "own_warm:build"}, "it searches cnn networks, this study the model own_warm:build"),
    ],
)
def test_a_study_of_another_kind_is_refused_with_the_reason(old, new, reason, ran, store, plan, tmp_path, monkeypatch):
    (tmp_path / "own_warm.py").write_text(OWN_MODEL)
    monkeypatch.syspath_prepend(str(tmp_path))
    ran("old", 0.5, **old)
    new_plan = plan(warm_start_from="old", **new)
    with pytest.raises(FixInputError) as refused:
        check_warm_start(store, new_plan.spec, new_plan.architecture)
    assert str(refused.value) == f"warm_start_from='old': {reason} - name another study, or auto, or none"


def test_a_study_of_the_same_kind_is_not_refused(ran, store, plan):
    ran("old", 0.5, hyperparameters=SGD, dataset="mnist", objective=["val_accuracy", "parameter_count"])
    new_plan = plan(warm_start_from="old")
    check_warm_start(store, new_plan.spec, new_plan.architecture)
    for unchecked in (plan(warm_start_from="auto"), plan()):
        check_warm_start(store, unchecked.spec, unchecked.architecture)


def test_an_unknown_study_is_refused_before_anything_is_written(ran, store, settings):
    ran("old-one", 0.5)
    with pytest.raises(FixInputError, match=r"^warm_start_from: unknown study 'old-on' - did you mean 'old-one'\?$"):
        run(StudySpec(run_name="new", dataset="digits", warm_start_from="old-on"), settings=settings)
    assert [study.name for study in store.studies()] == ["old-one"]
    assert not (settings.results_dir / "new").exists()
