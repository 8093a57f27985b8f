"""How a winner is deployed, as far as it shows without a cluster; tests/serve_app/test_served.py does it for real."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from ray.exceptions import RayTaskError

from serve_app.predicting.deployment import ServedKeptModels, ServedModel, ServeModels, WinnerReplica
from serve_app.winner import Winner
from serve_app.winner_cache import version_of
from tests import saved_models
from tuner.data import Array
from tuner.errors import FixInputError, TryAgainError
from tuner.study import prediction
from tuner.study.saved_model import DamagedModelError, checksum


def test_it_is_gone_when_idle_comes_with_a_request_and_grows_with_more() -> None:
    scaling = ServedModel._deployment_config.autoscaling_config
    assert (scaling.min_replicas, scaling.initial_replicas) == (0, 0)
    assert scaling.max_replicas > 1
    assert scaling.downscale_delay_s > scaling.upscale_delay_s


@pytest.mark.parametrize("deployment", [ServedModel, ServedKeptModels])
def test_it_waits_for_no_processor_that_a_study_has(deployment: Any) -> None:
    assert deployment.ray_actor_options["num_cpus"] == 0


def test_kept_models_share_one_process_that_is_gone_when_idle() -> None:
    scaling = ServedKeptModels._deployment_config.autoscaling_config
    assert (scaling.min_replicas, scaling.initial_replicas, scaling.max_replicas) == (0, 0, 1)


def test_requests_that_come_together_are_predicted_at_once_and_each_gets_its_own() -> None:
    asked: list[Array] = []

    def predict(samples: Array) -> Array:
        asked.append(samples)
        return samples.sum(axis=(1, 2, 3))[:, None]

    model = WinnerReplica.__new__(WinnerReplica)
    model._model = SimpleNamespace(predict_on_batch=predict)
    requests = [np.full((n, 1, 1, 1), float(n)) for n in (2, 1, 3)]
    answers = model._predict(requests)
    assert [answer.tolist() for answer in answers] == [[[2], [2]], [[1]], [[3], [3], [3]]]
    assert len(asked) == 1


SAMPLES = np.zeros((1, 8, 8, 1), np.float32)


@pytest.fixture
def winner(tmp_path: Path) -> Winner:
    folder = tmp_path / "best_model"
    saved_models.save(folder, "s")
    saved_models.change(folder, model_sha256=checksum(folder / "model.keras"))
    text = (folder / "metadata.json").read_text()
    return Winner("s", folder, version_of(text), saved_models.METADATA | {"study": "s"})


def predicted(replica: WinnerReplica) -> Array:
    return asyncio.run(replica.predict(SAMPLES))


@pytest.mark.parametrize("damage", ["cut short", "another file"])
def test_a_damaged_model_is_the_error_of_each_request_until_it_is_restored(
    winner: Winner, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = SimpleNamespace(predict_on_batch=lambda samples: np.ones((len(samples), 10)))
    monkeypatch.setattr(prediction, "load_model", lambda file, own_model, threads: model)

    async def alone(self: WinnerReplica, samples: Array) -> Array:  # requests are gathered within Serve only
        return self._predict([samples])[0]

    monkeypatch.setattr(WinnerReplica, "_batched", alone)
    file = winner.folder / "model.keras"
    whole = file.read_bytes()
    file.write_bytes(whole[:99] if damage == "cut short" else saved_models.keras_file("another model"))
    replica = WinnerReplica(winner)
    for _ in range(2):
        with pytest.raises(DamagedModelError, match=r"the saved model of study 's' is damaged: model\.keras is"):
            predicted(replica)
    file.write_bytes(whole)
    assert predicted(replica).shape == (1, 10)


def test_a_model_that_keras_cannot_load_is_explained_in_the_log_only(
    winner: Winner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(file: Path, own_model: str | None, threads: int) -> None:
        raise FixInputError(f"cannot load {file}: no such layer")

    monkeypatch.setattr(prediction, "load_model", refuse)
    with pytest.raises(DamagedModelError) as error:
        predicted(WinnerReplica(winner))
    assert str(error.value) == "the saved model of study 's' cannot be loaded - see the server log"
    assert "no such layer" in caplog.text


def test_a_model_that_was_replaced_before_its_replica_began_is_no_damage(winner: Winner) -> None:
    saved_models.save(winner.folder, "s", "a better model", trial_number=2)
    with pytest.raises(TryAgainError, match="study 's' is saving another model"):
        predicted(WinnerReplica(winner))


def test_the_error_of_a_replica_reaches_the_client_at_once(winner: Winner) -> None:
    damaged = DamagedModelError("the saved model of study 's' is damaged", remedy="resume it")

    class Handle:
        @property
        def predict(self) -> Handle:
            return self

        async def remote(self, samples: Array) -> Array:
            raise RayTaskError("predict", "a traceback", damaged).as_instanceof_cause()

    models = ServeModels()
    models._handles[f"s@{winner.version}"] = Handle()
    with pytest.raises(DamagedModelError) as error:
        asyncio.run(models.predict(winner, SAMPLES))
    assert error.value is damaged


def test_a_kept_model_is_asked_of_the_process_of_all_kept_models(winner: Winner) -> None:
    kept = replace(winner, kept_trial=3)
    asked: list[tuple[Any, ...]] = []

    class Handle:
        @property
        def predict(self) -> Handle:
            return self

        async def remote(self, *given: Any) -> Array:
            asked.append(given)
            return SAMPLES

    models = ServeModels()
    models._handles |= {f"s@{winner.version}": Handle(), "kept-models": Handle()}
    for model in (winner, kept):
        asyncio.run(models.predict(model, SAMPLES))
    assert [len(given) for given in asked] == [1, 2]
    assert asked[1][0] is kept
