"""Which nodes a study may count on, on a cluster that brings more; without Ray."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.devices.samples import A100, SMALL
from tests.store.samples import trial_spec
from tuner.devices.capacity import Gpu, Node
from tuner.errors import FixInputError
from tuner.spec import StudySpec, parse_study_spec
from tuner.study.cluster_capacity import ClusterCapacity, check_resources, resources_of
from tuner.study.device_allocation import DeviceAllocator
from tuner.study.plan import Plan

HEAD = Node(0)
CPU, GPU = Node(16), Node(8, (A100,))
CPU_TYPE, GPU_TYPE = Node(16, here=False), Node(8, (A100,), here=False)
LARGE_GPU_TYPE = Node(32, (A100,) * 4, here=False)


def plan(**fields: Any) -> Plan:
    nothing: Any = None
    spec = parse_study_spec({"run_name": "a", "trials": 50, **fields})
    return Plan(spec, nothing, nothing, "cnn", nothing, None)


def reach(*here: Node, to_come: tuple[Node, ...] = (CPU_TYPE, GPU_TYPE), **fields: Any) -> tuple[Node, ...]:
    return ClusterCapacity(plan(**fields), lambda: here, to_come)()


def concurrent(*here: Node, to_come: tuple[Node, ...] = (CPU_TYPE, GPU_TYPE), **fields: Any) -> int:
    return plan(**fields).concurrent(resources_of(reach(*here, to_come=to_come, **fields)))


# --- what is counted on ---


def test_a_cluster_that_brings_nothing_is_what_it_is() -> None:
    assert reach(CPU, GPU, to_come=()) == (CPU, GPU)
    assert reach(CPU, to_come=()) == (CPU,)


def test_trials_train_on_gpus_where_the_cluster_could_bring_some() -> None:
    assert reach(HEAD, CPU) == (HEAD, CPU, GPU_TYPE)


def test_whoever_wants_no_gpus_gets_none_brought() -> None:
    assert reach(HEAD, CPU, gpus_per_trial=0) == (HEAD, CPU)


def test_a_cluster_of_a_head_alone_brings_one_node() -> None:
    assert reach(HEAD, gpus_per_trial=0, to_come=(CPU_TYPE,)) == (HEAD, CPU_TYPE)


def test_once_a_node_is_there_no_other_is_counted_on() -> None:
    assert reach(HEAD, CPU, GPU) == (HEAD, CPU, GPU)


def test_a_spot_type_and_the_same_on_demand_are_one_node() -> None:
    assert reach(HEAD, to_come=(GPU_TYPE, GPU_TYPE)) == (HEAD, GPU_TYPE)


def test_a_node_that_is_too_small_does_not_stand_in_for_one_that_could_come() -> None:
    wanted = {"use_multi_gpu": True, "target_gpus_per_worker": 4}
    assert reach(GPU, to_come=(GPU_TYPE, LARGE_GPU_TYPE), **wanted) == (GPU, LARGE_GPU_TYPE)


# --- how much is asked for ---


def test_a_study_that_names_no_number_takes_what_is_there() -> None:
    assert concurrent(HEAD, CPU, gpus_per_trial=0) == 16


def test_where_nothing_is_there_it_asks_for_what_one_node_holds() -> None:
    assert concurrent(HEAD, gpus_per_trial=0, to_come=(CPU_TYPE,)) == 16
    assert concurrent(HEAD, CPU) == 8, "an eighth of the one GPU each"
    assert concurrent(HEAD, CPU, gpus_per_trial=1) == 1


def test_whoever_names_a_number_gets_so_many_asked_for() -> None:
    assert concurrent(HEAD, CPU, gpus_per_trial=1, concurrent_workers=6) == 6


def asked(trials: int, to_come: Node, **fields: Any) -> list[dict[str, Any]]:
    """What Ray would be asked for while no node comes: trial after trial, as long as there is room."""
    made = plan(**fields)
    object.__setattr__(made, "load", lambda hyperparameters: SMALL)
    nodes = ClusterCapacity(made, lambda: (HEAD,), (to_come,))
    allocator = DeviceAllocator(made, nodes, trials, [])
    given: list[dict[str, Any]] = []
    while allocator.has_capacity and len(given) < min(trials, made.concurrent(resources_of(nodes()))):
        trial = trial_spec(len(given) + 1, StudySpec(run_name="a"), {}, epochs=1)
        given.append(allocator.allocate(trial, str(len(given)))["allocation"])
    return given


def test_trials_that_wait_for_a_gpu_of_a_known_kind_ask_for_shares_of_one() -> None:
    given = asked(50, GPU_TYPE)
    assert [one["gpus"] for one in given] == [1 / 8] * 8


def test_trials_that_wait_for_a_gpu_of_an_unknown_kind_ask_for_one_node_only() -> None:
    given = asked(50, Node(8, (Gpu(),), here=False))
    assert [one["gpus"] for one in given] == [1]


def test_no_more_trials_wait_than_are_left() -> None:
    assert len(asked(3, GPU_TYPE, gpus_per_trial=1, concurrent_workers=8)) == 3
    assert len(asked(50, GPU_TYPE, gpus_per_trial=1, concurrent_workers=8)) == 8


# --- what is refused, and what is waited for ---


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cpus_per_trial": 16, "gpus_per_trial": 1}, "16 CPUs and 1 GPU of one node: the cluster has only nodes with"),
        ({"use_multi_gpu": True, "target_gpus_per_worker": 3}, "1 CPU and 3 GPUs of one node"),
    ],
)
def test_what_no_node_has_that_is_there_or_could_come_is_refused_in_one_line(fields: Any, said: str) -> None:
    made = plan(**fields)
    with pytest.raises(FixInputError, match=said) as error:
        check_resources(made, (HEAD, CPU, GPU_TYPE))
    assert "\n" not in str(error.value)


def test_what_two_nodes_have_together_is_refused() -> None:
    with pytest.raises(FixInputError, match="a trial takes 8 CPUs of one node: the cluster has only nodes with 4 CPUs"):
        check_resources(plan(cpus_per_trial=8), (Node(4), Node(4)))


def test_a_cluster_of_a_head_alone_says_so() -> None:
    with pytest.raises(FixInputError, match=r"the cluster has no node for trials - .* tell by TUNER_NODE_TYPES"):
        check_resources(plan(), (HEAD,))


def test_who_is_refused_hears_what_could_come() -> None:
    with pytest.raises(FixInputError, match="only nodes with 16 CPUs, or with 8 CPUs and 1 GPU"):
        check_resources(plan(cpus_per_trial=64), reach(HEAD, CPU, cpus_per_trial=64))


def test_who_waits_for_a_node_is_told_so_and_what_to_do_instead() -> None:
    nodes = reach(HEAD, CPU)
    assert check_resources(plan(), nodes) == (
        "waiting for a node with 8 CPUs and 1 GPU, which the cluster is asked for; gpus_per_trial=0 trains on CPUs"
    )
    assert check_resources(plan(gpus_per_trial=1), nodes) == (
        "waiting for a node with 8 CPUs and 1 GPU, which the cluster is asked for"
    )


def test_who_need_not_wait_is_told_nothing() -> None:
    assert check_resources(plan(), reach(HEAD, CPU, GPU)) is None
    assert check_resources(plan(gpus_per_trial=0), reach(HEAD, CPU)) is None


# --- what Ray Tune makes of it ---


@pytest.mark.parametrize("most", [1, 6, 400])
def test_ray_tune_asks_for_no_more_placement_groups_than_trials_may_train_at_once(most: int) -> None:
    """Each that waits is a demand that the autoscaler sees: `tune.run` wraps a searcher in these two."""
    from ray.tune.execution.tune_controller import _get_max_pending_trials
    from ray.tune.search import ConcurrencyLimiter, SearchGenerator

    from tuner.search.searcher import StudySearcher

    suggestions: Any = SimpleNamespace(next=lambda: None, plan_ahead=lambda: None)
    devices: Any = SimpleNamespace(has_capacity=True)
    searcher = StudySearcher(StudySpec(), suggestions, 50, stopped=lambda: False, devices=devices)
    assert _get_max_pending_trials(SearchGenerator(ConcurrencyLimiter(searcher, max_concurrent=most))) == most
