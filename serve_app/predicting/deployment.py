"""Serves each best model as its own Ray Serve application, which starts at the first request and stops when idle.

The application is named `<study>@<version>`, so that all replicas of the API find it. A better model of the study is a
new application, and the old one is deleted. The kept models of other trials share one application
(`serve_app.predicting.kept_models`).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException

from serve_app.predicting.inputs import stack
from serve_app.predicting.kept_models import KEPT_MODELS, KeptModels
from serve_app.predicting.loaded_model import classified, loaded
from serve_app.winner import Winner
from tuner.data import Array
from tuner.errors import TryAgainError, TunerError, in_one_line

log = logging.getLogger("tuner.serve")

IDLE_S = 300.0
"""A model without requests for so long is unloaded."""
MOST_REPLICAS = 4
REQUESTS_AT_ONCE = 32
"""Largest number of requests in one prediction; more concurrent requests start another replica."""
GATHER_S = 0.005


class WinnerReplica:
    """One process with a loaded model.

    The first request loads it, and each one after a failure tries again. If the start of a replica did it, Serve would
    start replicas of a damaged model again and again while requests wait.
    """

    def __init__(self, winner: Winner) -> None:
        from tuner.ray_internals import listen_on_own_node

        listen_on_own_node()
        self._winner, self._loading = winner, asyncio.Lock()
        self._model: Any = None

    async def predict(self, samples: Array) -> Array:
        """Probabilities of shape (samples, classes).

        Raises DamagedModelError if the model cannot be used, TryAgainError if it was just replaced.
        """
        async with self._loading:
            if self._model is None:
                self._model = await asyncio.to_thread(loaded, self._winner)
        result: Array = await self._batched(samples)
        return result

    @serve.batch(max_batch_size=REQUESTS_AT_ONCE, batch_wait_timeout_s=GATHER_S)  # type: ignore[untyped-decorator]
    async def _batched(self, requests: list[Array]) -> list[Array]:
        return await asyncio.to_thread(self._predict, requests)

    def _predict(self, requests: list[Array]) -> list[Array]:
        probabilities = classified(self._model, stack(requests))
        answers, begin = [], 0
        for samples in requests:
            answers.append(probabilities[begin : begin + len(samples)])
            begin += len(samples)
        return answers


ServedModel: Any = serve.deployment(
    name="winner",
    # Reserves no CPU: it would wait for a study that uses all CPUs.
    ray_actor_options={"num_cpus": 0},
    max_ongoing_requests=4 * REQUESTS_AT_ONCE,
    autoscaling_config={
        "min_replicas": 0,
        "initial_replicas": 0,
        "max_replicas": MOST_REPLICAS,
        "target_ongoing_requests": REQUESTS_AT_ONCE,
        "upscale_delay_s": 10.0,
        "downscale_delay_s": IDLE_S,
    },
)(WinnerReplica)


ServedKeptModels: Any = serve.deployment(
    name="kept-models",
    ray_actor_options={"num_cpus": 0},
    max_ongoing_requests=4 * REQUESTS_AT_ONCE,
    autoscaling_config={
        "min_replicas": 0,
        "initial_replicas": 0,
        "max_replicas": 1,  # each would load all models anew
        "target_ongoing_requests": REQUESTS_AT_ONCE,
        "downscale_delay_s": IDLE_S,
    },
)(KeptModels)


class ServeModels:
    """The saved models that run in the cluster which this process is connected to."""

    def __init__(self) -> None:
        self._handles: dict[str, Any] = {}
        self._deploying = threading.Lock()

    async def predict(self, winner: Winner, samples: Array) -> Array:
        handle = await asyncio.to_thread(self._handle, winner)
        try:
            result: Array = await (
                handle.predict.remote(samples) if winner.kept_trial is None else handle.predict.remote(winner, samples)
            )
        except (RayError, RayServeException) as error:
            self._handles.pop(_application(winner), None)
            if isinstance(cause := getattr(error, "cause", None), TunerError):  # of the replica
                raise cause from None
            raise TryAgainError(
                f"the model of study {winner.study!r} is not running: {in_one_line(error)}", remedy="try again"
            ) from error
        return result

    def _handle(self, winner: Winner) -> Any:
        name = _application(winner)
        with self._deploying:
            if name not in self._handles:
                try:
                    self._handles[name] = serve.get_app_handle(name)
                except RayServeException:  # not deployed yet
                    model = ServedModel.bind(winner) if winner.kept_trial is None else ServedKeptModels.bind()
                    self._handles[name] = serve.run(model, name=name, route_prefix=None)
                    if winner.kept_trial is None:
                        self.forget(winner.study, keep=name)
            return self._handles[name]

    def forget(self, study: str, keep: str | None = None) -> None:
        """Unload the best models of a study, except the application `keep`."""
        for name in serve.status().applications:
            if name.startswith(f"{study}@") and name != keep:
                log.info("unloading %s", name)
                self._handles.pop(name, None)
                # `delete` returns only after the model's replicas have stopped.
                threading.Thread(target=serve.delete, args=(name,), daemon=True).start()


def _application(winner: Winner) -> str:
    return f"{winner.study}@{winner.version}" if winner.kept_trial is None else KEPT_MODELS
