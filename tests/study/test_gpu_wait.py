"""A study that would train on GPUs that are to come waits for them, but not for ever; without Ray."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.study.test_cluster_capacity import CPU, CPU_TYPE, GPU, GPU_TYPE, HEAD, plan
from tuner.devices import Node
from tuner.study import cluster_capacity
from tuner.study.cluster_capacity import GPU_WAIT_S, LOOK_S, ClusterCapacity, wait_for_gpus
from tuner.study.stop_signal import StopSignal


class Cluster:
    """Nodes that come when their time has come."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.here: tuple[Node, ...] = (HEAD, CPU)
        self.comes: dict[float, Node] = {}
        self.asked: list[Mapping[str, float]] = []
        self.asks = False
        self.signal = StopSignal()
        self.stopped_at: float | None = None

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert self.asks
        self.now += seconds
        self.here += tuple(self.comes.pop(at) for at in list(self.comes) if at <= self.now)
        if self.stopped_at is not None and self.now >= self.stopped_at:
            self.signal.request("cancelled", "stopped by Ctrl-C")

    @contextmanager
    def ask(self, resources: Mapping[str, float]) -> Iterator[None]:
        self.asked.append(resources)
        self.asks = True
        yield
        self.asks = False

    def without(self, **fields: object) -> tuple[bool, ClusterCapacity]:
        """Whether a study of these fields does without, and what it counts on."""
        made = plan(**fields)
        reach = ClusterCapacity(made, lambda: self.here, (CPU_TYPE, GPU_TYPE))
        return wait_for_gpus(made, reach, self.signal, self.ask), reach


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    cluster = Cluster()
    monkeypatch.setattr(cluster_capacity, "time", cluster)
    return cluster


def test_it_asks_for_a_node_and_trains_there_as_soon_as_it_comes(cluster: Cluster) -> None:
    cluster.comes = {1_300.0: GPU}
    without, reach = cluster.without()
    assert not without
    assert reach() == (HEAD, CPU, GPU)
    assert cluster.now == pytest.approx(1_300, abs=2 * LOOK_S)
    assert cluster.asked == [{"CPU": 1.0, "GPU": 1.0}]
    assert not cluster.asks


def test_where_none_comes_it_trains_on_cpus_and_says_so(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    without, reach = cluster.without()
    assert without
    assert reach() == (HEAD, CPU)
    assert cluster.now == pytest.approx(1_000 + GPU_WAIT_S, abs=2 * LOOK_S)
    assert [record.getMessage() for record in caplog.records] == [
        "waiting for a node with 8 CPUs and 1 GPU, which the cluster is asked for; gpus_per_trial=0 trains on CPUs",
        "no node with a GPU came within 900 s: trials train on CPUs; "
        "gpus_per_trial=1 waits for one as long as it takes",
    ]


def test_of_a_time_budget_it_waits_a_quarter_at_most(cluster: Cluster) -> None:
    assert cluster.without(time_budget_s=400)[0]
    assert cluster.now == pytest.approx(1_100, abs=2 * LOOK_S)


def test_a_study_that_is_stopped_waits_no_longer(cluster: Cluster) -> None:
    cluster.stopped_at = 1_010.0
    assert not cluster.without()[0]
    assert cluster.now == pytest.approx(1_010, abs=2 * LOOK_S)


@pytest.mark.parametrize("fields", [{"gpus_per_trial": 1}, {"gpus_per_trial": 0}])
def test_whoever_has_said_what_trials_take_gets_that(cluster: Cluster, fields: dict[str, object]) -> None:
    assert not cluster.without(**fields)[0]
    assert not cluster.asked


def test_where_gpus_are_it_need_not_wait(cluster: Cluster) -> None:
    cluster.here = (HEAD, GPU)
    assert not cluster.without()[0]
    assert not cluster.asked


def test_where_no_node_has_cpus_either_the_first_trial_waits(cluster: Cluster) -> None:
    cluster.here = (HEAD,)
    assert not cluster.without()[0]
    assert not cluster.asked
