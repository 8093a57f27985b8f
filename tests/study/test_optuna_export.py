"""What `tuner optuna` writes: the log of a study, continued where the last export ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest

from tests.search.samples import RandomSuggester, space
from tests.study.scripted import complete, epoch, start, status
from tuner.cli import main
from tuner.console.optuna import dashboard_command
from tuner.events import DurableEvent
from tuner.search.optuna_study import NUMBER, OptunaStudyWriter
from tuner.settings import Settings
from tuner.spec import StudySpec
from tuner.store import Store
from tuner.study.deletion import delete
from tuner.study.optuna_export import SEQUENCE, OptunaExport, open_storage

SPEC = StudySpec(run_name="s", trials=5)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(results_dir=tmp_path, database_url=None)


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Iterator[Store]:
    with Store.open(settings.store_url()) as opened:
        opened.create_study(SPEC, folder=str(tmp_path / "s"))
        yield opened


def happened(store: Store, *events: DurableEvent) -> None:
    for event in events:
        known: dict[str, Any] = {}
        if hasattr(event, "hyperparameters"):
            known["hyperparameters"] = space().suggest(RandomSuggester(event.trial_number))
        store.append("s", event.model_copy(update=known))


def export(store: Store) -> int:
    with OptunaExport(store, "s") as made:
        return made.write_new()


def exported(store: Store) -> list[tuple[int, str, dict[int, float]]]:
    trials = optuna.load_study(study_name="s", storage=open_storage(store.url)).get_trials(deepcopy=False)
    return [(trial.user_attrs[NUMBER], trial.state.name, trial.intermediate_values) for trial in trials]


def test_the_trials_so_far_are_written(store: Store) -> None:
    happened(store, status("running", 0), start(1), epoch(1, 1, 0.5), complete(1, 0.5), start(2), epoch(2, 1, 0.4))
    assert export(store) == 2
    assert exported(store) == [(1, "COMPLETE", {1: 0.5}), (2, "RUNNING", {1: 0.4})]


def test_a_second_export_continues_after_the_last_event_of_the_first(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened(store, start(1), epoch(1, 1, 0.5))
    export(store)
    written = []
    learn_trial = OptunaStudyWriter.learn_trial

    def watched(self: OptunaStudyWriter, events: Any) -> None:
        written.append([event.type for event in events])
        learn_trial(self, events)

    monkeypatch.setattr(OptunaStudyWriter, "learn_trial", watched)
    happened(store, epoch(1, 2, 0.6), complete(1, 0.6))
    assert export(store) == 1
    assert written == [["epoch_progress", "trial_complete"]]
    assert exported(store) == [(1, "COMPLETE", {1: 0.5, 2: 0.6})]
    study = optuna.load_study(study_name="s", storage=open_storage(store.url))
    assert study.user_attrs[SEQUENCE] == store.last_sequence("s")


def test_events_that_are_written_twice_change_nothing(store: Store) -> None:
    happened(store, start(1), epoch(1, 1, 0.5), complete(1, 0.5, kind="cancelled"), start(1), epoch(1, 2, 0.6))
    export(store)
    before = exported(store)
    optuna.load_study(study_name="s", storage=open_storage(store.url)).set_user_attr(SEQUENCE, 0)
    export(store)
    assert exported(store) == before == [(1, "RUNNING", {1: 0.5, 2: 0.6})]


def test_a_study_without_trials_is_not_written_yet(store: Store) -> None:
    happened(store, status("running", 0))
    assert export(store) == 0


def test_a_study_of_a_deleted_ones_name_is_written_anew(store: Store, tmp_path: Path) -> None:
    happened(store, start(1), epoch(1, 1, 0.5), complete(1, 0.5))
    export(store)
    store.delete_study("s")  # as an older version did it, which left Optuna's tables as they were
    store.create_study(SPEC, folder=str(tmp_path / "s"))
    happened(store, start(2))
    export(store)
    assert exported(store) == [(2, "RUNNING", {})]


def test_a_deleted_study_is_removed(store: Store) -> None:
    happened(store, start(1))
    export(store)
    delete(store, "s")
    assert optuna.get_all_study_names(open_storage(store.url)) == []


def test_the_deletion_of_a_study_that_was_not_exported_makes_no_tables(store: Store) -> None:
    delete(store, "s")
    assert not store.has_table("studies")


@pytest.mark.parametrize("follow", [[], ["--follow"]])
def test_the_command_says_how_to_open_what_it_wrote(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], follow: Any
) -> None:
    monkeypatch.setenv("TUNER_RESULTS_DIR", str(settings.results_dir))
    happened(store, start(1), complete(1, 0.5), status("completed", 1))
    assert main(["optuna", "s", *follow]) == 0
    assert capfd.readouterr().out == (
        f"study s: 1 trials are in Optuna's tables; open them with:\n  optuna-dashboard {settings.store_url()}\n"
    )


def test_the_address_of_a_database_with_a_password_is_not_shown() -> None:
    settings = Settings(database_url="postgresql://user:secret@host/name")  # type: ignore[arg-type]
    assert dashboard_command(settings) == 'optuna-dashboard "$TUNER_DATABASE_URL"'


def test_an_unknown_study_is_one_line(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUNER_RESULTS_DIR", str(settings.results_dir))
    assert main(["optuna", "nope"]) == 2
    assert "unknown study 'nope'" in capfd.readouterr().err
