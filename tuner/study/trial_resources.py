"""What a study's trials take of a cluster, and how many of them fit at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tuner.devices.allocation import MOST_SHARING
from tuner.spec import StudySpec

REMOTE_WORKERS = 6
"""Trials on RunPod at once, where nothing else is asked for: as many as one worker of the handler runs."""


@dataclass(frozen=True)
class TrialResources:
    """The resources of a trial of which nothing is known but its study.

    Args:
        own: Whether the network is an own model.
        remote: Whether trials are sent to RunPod.
    """

    spec: StudySpec
    own: bool = False
    remote: bool = False

    def of(self, cluster: Mapping[str, float]) -> dict[str, float]:
        """What a trial would take of a cluster with these resources."""
        gpus = self.spec.gpus_per_trial
        if gpus == "auto":
            several = 1 if self.spec.target_gpus_per_worker == "auto" else self.spec.target_gpus_per_worker
            gpus = several if self.spec.use_multi_gpu is True else 1.0 if cluster.get("GPU", 0) >= 1 else 0.0
        return {"CPU": self.least["cpus"], "GPU": gpus}

    @property
    def least(self) -> dict[str, float]:
        """What every trial takes at least."""
        spec = self.spec
        shared = spec.use_multi_gpu is not True and not self.own
        gpus = spec.gpus_per_trial if spec.gpus_per_trial != "auto" else 1 / MOST_SHARING if shared else 1.0
        return {"cpus": 1.0 if spec.cpus_per_trial == "auto" else spec.cpus_per_trial, "gpus": gpus}

    def concurrent(self, cluster: Mapping[str, float]) -> int:
        """Trials that train at once at most: as asked for, else as many of the smallest as these resources fit."""
        if self.spec.concurrent_workers != "auto":
            return self.spec.concurrent_workers
        return self.fit(cluster)

    def fit(self, cluster: Mapping[str, float]) -> int:
        """How many of the smallest trials these resources fit at once, at least one; on RunPod the usual number."""
        if self.remote:
            return REMOTE_WORKERS
        least = {"CPU": self.least["cpus"]}
        if self.of(cluster)["GPU"]:
            least["GPU"] = self.least["gpus"]
        return max(1, min(int(cluster.get(kind, 0) / amount) for kind, amount in least.items() if amount))
