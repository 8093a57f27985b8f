"""How a study ends, derived from its trials."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tuner.study.finish import study_end


def _store(*statuses: str) -> Any:
    trials = [
        SimpleNamespace(status=status, reason=f"reason {number}", performance=None, cause="too_large")
        for number, status in enumerate(statuses)
    ]
    return SimpleNamespace(trials=lambda name: trials, study=lambda name: SimpleNamespace(best_trial_number=None))


def test_a_study_of_which_every_network_was_rejected_says_so_and_names_the_remedy() -> None:
    end = study_end(_store("rejected", "rejected"), "s", None, None)
    assert (end.status, end.reason) == (
        "failed",
        "all 2 suggested networks were rejected; the last one: reason 1; run a study with looser limits, or with a "
        "space of smaller networks",
    )


def test_a_study_whose_networks_all_cannot_be_built_ends_with_the_first_error() -> None:
    store = _store("rejected", "rejected")
    for trial in store.trials("s"):
        trial.cause = "cannot_build"
    end = study_end(store, "s", None, None)
    assert (end.status, end.reason) == ("failed", "none of 2 networks could be built; the first: reason 0")


def test_a_study_whose_trials_ended_in_different_ways_lists_them() -> None:
    end = study_end(_store("rejected", "failed"), "s", None, None)
    assert end.reason == "all 2 trials ended without a result (failed, rejected); the last one: reason 1"
