"""What a study's trials take of a cluster."""

from __future__ import annotations

from tuner.spec import parse_study_spec
from tuner.study.trial_resources import REMOTE_WORKERS, TrialResources


def of(*, own=False, remote=False, **fields):
    return TrialResources(parse_study_spec(fields), own=own, remote=remote)


def test_trials_train_on_gpus_where_there_are_some():
    assert of().of({"CPU": 8.0}) == {"CPU": 1.0, "GPU": 0.0}
    assert of().of({"CPU": 8.0, "GPU": 2.0}) == {"CPU": 1.0, "GPU": 1.0}


def test_small_networks_share_a_gpu_but_own_models_do_not():
    cluster = {"CPU": 64.0, "GPU": 2.0}
    assert of().concurrent(cluster) == 16
    assert of(own=True).concurrent(cluster) == 2


def test_a_number_of_workers_that_is_asked_for_counts():
    assert of(concurrent_workers=3).concurrent({"CPU": 64.0}) == 3
    assert of(remote=True).concurrent({}) == REMOTE_WORKERS
