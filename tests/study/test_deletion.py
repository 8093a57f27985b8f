"""A study is removed with everything that is kept of it. No Ray, no training."""

from __future__ import annotations

from collections.abc import Iterator

import optuna
import pytest

from tests.study.conftest import spec
from tests.study.scripted import complete, start
from tuner.errors import FixInputError, TryAgainError, UnknownStudyError
from tuner.search.suggestions import first_suggestion
from tuner.settings import Settings
from tuner.store import Lease, Store
from tuner.study import deletion
from tuner.study.deletion import delete
from tuner.study.optuna_export import OptunaExport, open_storage
from tuner.study.plan import make_plan
from tuner.study.start import add


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings.store_url()) as opened:
        yield opened


@pytest.fixture
def study(store: Store, settings: Settings) -> str:
    """A study with a trial, Optuna's record of it and a folder with files."""
    name = add(store, spec(dataset="digits"), settings)
    plan = make_plan(store.study(name).spec, settings)
    suggested = {"hyperparameters": first_suggestion(plan.spec, plan.space)}
    store.append(name, start(1).model_copy(update=suggested))
    store.append(name, complete(1).model_copy(update=suggested))
    with OptunaExport(store, name) as export:
        assert export.write_new() == 1
    (settings.results_dir / name / "checkpoints").mkdir()
    (settings.results_dir / name / "checkpoints" / "trial-00001.npz").touch()
    return name


def recorded(store: Store) -> list[str]:
    return optuna.get_all_study_names(open_storage(store.url))


def test_rows_record_and_folder_are_gone(store: Store, settings: Settings, study: str) -> None:
    assert recorded(store) == [study]
    delete(store, study)
    assert store.studies() == []
    assert recorded(store) == []
    assert not (settings.results_dir / study).exists()


def test_its_name_is_free_again(store: Store, settings: Settings, study: str) -> None:
    delete(store, study)
    assert add(store, spec(dataset="digits"), settings) == study


def test_other_studies_stay(store: Store, settings: Settings, study: str) -> None:
    other = add(store, spec(run_name="other", dataset="digits"), settings)
    delete(store, study)
    assert [row.name for row in store.studies()] == [other]
    assert (settings.results_dir / other).is_dir()


def test_one_that_was_never_recorded_and_has_no_folder_is_deleted_too(store: Store, settings: Settings) -> None:
    name = add(store, spec(dataset="digits"), settings)
    (settings.results_dir / name).rmdir()
    delete(store, name)
    assert store.studies() == []


def test_one_that_runs_stays_as_it_is(store: Store, settings: Settings, study: str) -> None:
    store.take_lease(study, Lease("elsewhere:17", "another-machine/1"))
    with pytest.raises(FixInputError, match=f"study '{study}' is already running"):
        delete(store, study)
    assert recorded(store) == [study]
    assert (settings.results_dir / study / "checkpoints").is_dir()


def test_one_whose_folder_cannot_be_removed_stays_to_be_deleted_again(
    store: Store, settings: Settings, study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(deletion, "_PAUSE_S", 0.0)
        patch.setattr(deletion.shutil, "rmtree", lambda folder, ignore_errors: None)
        with pytest.raises(TryAgainError, match="cannot delete the folder"):
            delete(store, study)
    assert not store.study(study).alive
    delete(store, study)
    assert store.studies() == []


def test_an_unknown_one_is_one_line(store: Store) -> None:
    with pytest.raises(UnknownStudyError, match="unknown study 'nope'"):
        delete(store, "nope")
