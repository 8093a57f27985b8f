"""Tries an own model before its study writes anything; it runs in a worker, so that the driver needs no TensorFlow.

One configuration that cannot be built condemns no space: the first of several that can be built is tried.
"""

from __future__ import annotations

from collections.abc import Sequence

from tuner import models
from tuner.data import Array, ImageInput, TextInput
from tuner.errors import CannotBuildError
from tuner.models.keras_settings import import_keras
from tuner.models.own import OwnSource
from tuner.runners.placement import hide_unassigned_gpus
from tuner.search.encoding import identity
from tuner.search.suggestions import first_suggestion
from tuner.study.plan import Plan
from tuner.training import devices
from tuner.trial_spec import TrialSpec

CONFIGURATIONS = 20
"""Configurations that are tried at most until one can be built."""
SAMPLES = 4


def check_own_model(plan: Plan) -> str | None:
    """Build the plan's own model once and try its saved form, in a worker.

    Returns:
        What a person must know to load the saved model; None: nothing.

    Raises:
        FixInputError: no configuration can be built, or a saved model would be useless; with the reason and the remedy.
    """
    import ray

    first = first_suggestion(plan.spec, plan.space)
    others = {identity(one): one for one in (first, *plan.space.samples(CONFIGURATIONS - 1))}
    trials = [plan.trial(number, one) for number, one in enumerate(others.values(), start=1)]
    assert plan.own_source is not None
    given = trials, plan.data.input, plan.data.classes, plan.test.x[:SAMPLES], plan.own_source
    # Ray may train with this process later, which could use no GPU then.
    gpus = ray.cluster_resources().get("GPU", 0)
    task = ray.remote(num_cpus=0, max_calls=1 if gpus else 0)(try_own_model)
    try:
        hint: str | None = ray.get(task.remote(*given))
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None
    return hint


def try_own_model(
    trials: Sequence[TrialSpec], data_input: ImageInput | TextInput, classes: int, samples: Array, source: OwnSource
) -> str | None:
    """Try the saved form of the first of these trials that can be built; as `check_own_model`."""
    hide_unassigned_gpus()
    import_keras()
    devices.configure(trials[0].threads)
    source.install()
    first: CannotBuildError | None = None
    for trial in trials:
        try:
            network = models.build(trial, data_input, classes)
        except CannotBuildError as error:
            first = first or error
            continue
        if network.count_params() <= trial.max_parameters:  # else the trial will be rejected
            return models.check_saved_form(network, trial, data_input, samples)
    if first is not None:
        tried = f"none of {len(trials)} configurations can be built; the first: " if len(trials) > 1 else ""
        raise CannotBuildError(f"{tried}{first.message}", remedy=first.remedy)
    return None
