"""How a study ends, derived from its trials."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tuner.spec import StudySpec
from tuner.study.finish import study_end
from tuner.study.stop_signal import StudyEnd

SPEC = StudySpec(run_name="s")


def _trial(number: int, status: str, **fields: Any) -> SimpleNamespace:
    known = {"reason": f"reason {number}", "values": {}, "epochs_trained": 0, "started_at": None, "cause": "error"}
    return SimpleNamespace(trial_number=number, status=status, **(known | fields))


def _store(*trials: SimpleNamespace, best: int | None = None, **fields: Any) -> Any:
    study = SimpleNamespace(best_trial_number=best, spec=SPEC.model_copy(update=fields))
    return SimpleNamespace(trials=lambda name: list(trials), study=lambda name: study)


def test_a_study_of_which_every_network_was_rejected_says_so_and_names_the_remedy() -> None:
    end = study_end(_store(_trial(1, "rejected"), _trial(2, "rejected")), "s", None, None)
    assert (end.status, end.reason) == (
        "failed",
        "all 2 suggested networks were rejected, the latest one: reason 2; run a study with looser limits, or with a "
        "space of smaller networks",
    )


def test_a_study_whose_networks_all_cannot_be_built_ends_with_the_first_error() -> None:
    trials = [_trial(n, "rejected", cause="cannot_build") for n in (1, 2)]
    end = study_end(_store(*trials), "s", None, None)
    assert (end.status, end.reason) == ("failed", "none of 2 networks could be built; the first: reason 1")


def test_a_study_whose_trials_ended_in_different_ways_gives_the_reason_of_the_first_that_failed() -> None:
    trials = [_trial(1, "rejected"), _trial(2, "failed"), _trial(3, "failed")]
    end = study_end(_store(*trials), "s", None, None)
    assert end.reason == "all 3 trials ended without a result (failed, rejected); trial 2: reason 2"


def test_a_study_without_a_model_is_not_completed() -> None:
    spent = StudyEnd("completed", "time budget of 5 s used up", "time_budget")
    started = _trial(1, "cancelled", started_at=1)
    for trials, said in (
        ([], "the time budget of 5 s ended before a trial started; allow more seconds"),
        ([started], "the time budget of 5 s ended before an epoch was trained; allow more seconds"),
        (
            [_trial(1, "failed", epochs_trained=1, started_at=1)],
            "time budget of 5 s used up; all 1 trials ended without a result (failed); trial 1: reason 1",
        ),
    ):
        end = study_end(_store(*trials), "s", spent, None)
        assert (end.status, end.reason) == ("failed", said)
    assert study_end(_store(started), "s", StudyEnd("cancelled", "stopped by Ctrl-C"), None).status == "cancelled"


def test_constraints_that_no_trial_met_are_named_with_the_nearest_value() -> None:
    trials = [_trial(n, "completed", values={"val_accuracy": n / 10, "val_loss": 1.0}) for n in (5, 7)]
    end = study_end(_store(*trials, constraints=("val_accuracy>=0.9",)), "s", None, None)
    assert (end.status, end.reason) == ("failed", "no trial met val_accuracy>=0.9 (nearest: 0.7)")
    both = ("val_accuracy>=0.9", "val_loss<=0.5")
    end = study_end(_store(*trials, constraints=both), "s", None, None)
    assert end.reason == "no trial met all of val_accuracy>=0.9 (nearest: 0.7), val_loss<=0.5 (nearest: 1)"
    assert "constraint" not in study_end(_store(*trials), "s", None, None).reason, "none were given"


def test_a_study_with_a_model_is_completed_whatever_ended_it() -> None:
    spent = StudyEnd("completed", "time budget of 5 s used up", "time_budget")
    store = _store(_trial(1, "completed"), best=1)
    assert study_end(store, "s", spent, None) == spent
    assert study_end(store, "s", None, "every combination of the grid was tried").status == "completed"
