"""How a winner is deployed, as far as it shows without a cluster; tests/serve_app/test_served.py does it for real."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from serve_app.predicting.deployment import ServedModel, WinnerReplica
from tuner.data import Array


def test_it_is_gone_when_idle_comes_with_a_request_and_grows_with_more() -> None:
    scaling = ServedModel._deployment_config.autoscaling_config
    assert (scaling.min_replicas, scaling.initial_replicas) == (0, 0)
    assert scaling.max_replicas > 1
    assert scaling.downscale_delay_s > scaling.upscale_delay_s


def test_it_waits_for_no_processor_that_a_study_has() -> None:
    assert ServedModel.ray_actor_options["num_cpus"] == 0


def test_requests_that_come_together_are_predicted_at_once_and_each_gets_its_own() -> None:
    asked: list[Array] = []

    def predict(samples: Array, batch_size: int, verbose: int) -> Array:
        asked.append(samples)
        return samples.sum(axis=(1, 2, 3))[:, None]

    model = WinnerReplica.__new__(WinnerReplica)
    model._model = SimpleNamespace(predict=predict)
    requests = [np.full((n, 1, 1, 1), float(n)) for n in (2, 1, 3)]
    answers = model._predict(requests)
    assert [answer.tolist() for answer in answers] == [[[2], [2]], [[1]], [[3], [3], [3]]]
    assert len(asked) == 1
