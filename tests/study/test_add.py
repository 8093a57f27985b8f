"""A study that is put down by one process and begun by another. No Ray, no training."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.study.conftest import spec
from tuner.errors import FixInputError
from tuner.events import StudyStatus
from tuner.settings import Settings
from tuner.store import Lease, Store
from tuner.study.acceptance import spec_to_resume
from tuner.study.cancellation import end_run, ended_since
from tuner.study.start import add


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings.store_url()) as opened:
        yield opened


@pytest.fixture
def study(store: Store, settings: Settings) -> str:
    return add(store, spec(dataset="digits"), settings)


def test_it_has_a_row_and_a_folder_and_waits(store: Store, settings: Settings, study: str) -> None:
    row = store.study(study)
    assert (row.status, row.alive, row.folder) == ("created", False, str(settings.results_dir / study))
    assert (settings.results_dir / study).is_dir()


def test_a_name_is_given_where_the_spec_has_none(store: Store, settings: Settings) -> None:
    assert add(store, spec(run_name=None, dataset="digits"), settings).startswith("digits-")


def test_a_name_that_is_taken_is_one_line(store: Store, settings: Settings, study: str) -> None:
    with pytest.raises(FixInputError, match="already exists"):
        add(store, spec(dataset="digits"), settings)


def test_two_names_that_are_given_in_the_same_second_differ(store: Store, settings: Settings) -> None:
    names = {add(store, spec(run_name=None, dataset="digits"), settings) for _ in range(5)}
    assert len(names) == 5


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"warm_start_from": "nope"}, "warm_start_from: unknown study 'nope'"),
        ({"space": {"filters_9": 1}}, "space.filters_9: no such parameter here - did you mean 'filters_"),
        ({"space": {"lstm_units": 16}}, "space.lstm_units: no such parameter here"),
        ({"dataset": "stdlib_docs", "space": {"block": "plain"}}, "space.block: no such parameter here"),
        ({"dataset": "photos/", "space": {"filter_1": 16}}, "space.filter_1: no such parameter here - did you "),
        ({"searcher": "nsga2"}, "searcher=nsga2 is for several objectives"),
        ({"searcher": "grid"}, "searcher=grid tries every combination"),
        ({"model": "no_such_module:build"}, "model=no_such_module: module not found"),
        ({"use_runpod_service": True}, "use_runpod_service=true needs the key"),
    ],
)
def test_what_is_wrong_without_its_data_is_refused_and_nothing_is_written(
    store: Store, settings: Settings, wrong: dict[str, object], message: str
) -> None:
    with pytest.raises(FixInputError) as error:
        add(store, spec(**{"dataset": "digits", **wrong}), settings)
    assert str(error.value).startswith(message)
    assert store.studies() == []
    assert not (settings.results_dir / "s").exists()


def test_it_can_be_resumed_as_it_is_and_with_another_number_of_trials(store: Store, study: str) -> None:
    row = store.study(study)
    assert spec_to_resume(store, row, None).trials == 2
    assert spec_to_resume(store, row, 5).trials == 5
    with pytest.raises(FixInputError, match="trials"):
        spec_to_resume(store, row, 0)


class TestItsEnd:
    """Written by somebody else, where its process is gone or never began."""

    def test_is_written_where_the_run_is_open_still(self, store: Store, study: str) -> None:
        end_run(store, study, 0, "failed", "gone")
        assert (store.study(study).status, store.study(study).reason) == ("failed", "gone")
        assert not store.study(study).alive

    def test_is_written_once(self, store: Store, study: str) -> None:
        for reason in ("first", "second"):
            end_run(store, study, 0, "failed", reason)
        assert store.study(study).reason == "first"

    def test_is_not_written_for_a_process_that_lives(self, store: Store, study: str) -> None:
        store.take_lease(study, Lease("elsewhere:17", "another-machine/1"))
        with pytest.raises(FixInputError, match="is already running"):
            end_run(store, study, 0, "failed", "gone")
        assert store.study(study).status == "created"

    def test_an_end_counts_from_a_moment_on(self, store: Store, study: str) -> None:
        store.append(study, StudyStatus(status="cancelled"))
        seen = store.last_sequence(study)
        assert ended_since(store, study, 0)
        store.append(study, StudyStatus(status="running"))
        assert not ended_since(store, study, seen)
        store.append(study, StudyStatus(status="completed"))
        assert ended_since(store, study, seen)
