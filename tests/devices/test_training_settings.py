"""How a trial uses the devices that it sees."""

import pytest

from tests.devices.samples import A100, LARGE, RECURRENT, SMALL, V100, load
from tuner.devices.capacity import Gpu
from tuner.devices.training_settings import choose_training_settings
from tuner.errors import FixInputError
from tuner.spec_parts import DeviceSpec


def settled(seen=(), one=LARGE, **asked):
    return choose_training_settings(DeviceSpec(**asked), seen, one)


def test_on_a_cpu_nothing_is_mixed_compiled_or_put_together():
    for one in (SMALL, LARGE, RECURRENT, None):
        chosen = settled((), one)
        assert (chosen.replicas, chosen.precision, chosen.xla, chosen.steps_per_execution) == (1, "float32", False, 1)


def test_gpus_that_a_trial_was_not_given_are_not_used():
    chosen = settled((A100, A100), gpus=0)
    assert (chosen.replicas, chosen.precision) == (1, "float32")


@pytest.mark.parametrize(("given", "replicas"), [(0.25, 1), (1, 1), (2, 2), (4, 4)])
def test_a_trial_trains_on_the_gpus_that_it_was_given(given, replicas):
    assert settled((A100,) * max(1, int(given)), gpus=given).replicas == replicas


def test_a_gpu_that_was_given_and_is_not_seen_is_told_with_a_remedy():
    with pytest.raises(FixInputError, match="was given 2 GPUs, but its process sees 1 - install tuner's extra gpu"):
        settled((A100,), gpus=2)


def test_on_a_machine_of_its_own_a_trial_takes_as_many_gpus_as_pay():
    assert settled((A100,) * 4).replicas == 4
    assert settled((A100,) * 4, SMALL).replicas == 1
    assert settled((A100,) * 4, None).replicas == 1
    assert settled((A100,) * 4, multi_gpu=False).replicas == 1
    assert settled((A100,) * 4, SMALL, multi_gpu=True).replicas == 4


def test_large_convolutions_compute_in_bfloat16_where_the_gpu_has_it():
    assert settled((A100,)).precision == "mixed_bfloat16"
    assert settled((V100,)).precision == "float32"
    assert settled((Gpu(),)).precision == "float32"
    assert settled((A100, V100), gpus=2).precision == "float32", "the weakest decides"


def test_networks_that_do_not_gain_stay_in_float32():
    assert settled((A100,), SMALL).precision == "float32"
    assert settled((A100,), RECURRENT).precision == "float32"
    assert settled((A100,), None).precision == "float32"


def test_mixed_precision_that_was_asked_for_is_taken_where_the_device_can():
    assert settled((), mixed_precision=True).precision == "mixed_bfloat16"
    assert settled((A100,), SMALL, mixed_precision=True).precision == "mixed_bfloat16"
    assert settled((V100,), mixed_precision=True).precision == "mixed_float16"
    assert settled((V100, V100), gpus=2, mixed_precision=True).precision == "float32"
    assert settled((Gpu("old", None, (6, 1)),), mixed_precision=True).precision == "float32"
    assert settled((A100,), mixed_precision=False).precision == "float32"


def test_an_own_model_names_the_precision_of_its_layers_itself():
    assert settled((A100,), None, mixed_precision=True).precision == "float32"


def test_xla_compiles_long_trainings_on_one_gpu_alone():
    assert settled((A100,)).xla
    assert not settled((A100,), load(LARGE, epochs=1)).xla
    assert not settled((A100,), SMALL).xla
    assert not settled((A100,), RECURRENT).xla
    assert not settled((A100, A100), gpus=2).xla
    assert settled((), SMALL, xla=True).xla
    assert not settled((A100,), xla=False).xla


def test_short_steps_on_one_gpu_are_taken_several_in_a_call():
    assert settled((A100,), SMALL).steps_per_execution == 16
    assert settled((A100,), LARGE).steps_per_execution == 1
    assert settled((A100, A100), SMALL, gpus=2).steps_per_execution == 1
    assert settled((), SMALL, steps_per_execution=5).steps_per_execution == 5


@pytest.mark.parametrize("asked", [{"xla": True}, {"steps_per_execution": 4}])
def test_what_is_for_one_device_is_refused_with_several(asked):
    with pytest.raises(FixInputError, match="does not work with 2 replicas"):
        settled((A100, A100), gpus=2, **asked)
    settled((A100,), gpus=1, **asked)


def test_what_was_decided_is_told_with_its_reasons():
    assert any("mixed precision" in reason for reason in settled((A100,)).why)
    assert settled(()).why == ()
