"""No spec costs more than a moment to refuse, however long it is: those of clients are not trusted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from tuner.bounds import (
    GREATEST_INTEGER,
    LONGEST_NAME,
    LONGEST_PATH,
    LONGEST_TEXT,
    MOST_CHOICES,
    MOST_CHOICES_TOGETHER,
    MOST_CONSTRAINTS,
    MOST_ERRORS,
    MOST_HYPERPARAMETERS,
    MOST_PARAMETERS,
)
from tuner.choices import labels
from tuner.data_spec import DataSpec
from tuner.errors import FixInputError, nearest
from tuner.search.space import make_space
from tuner.spec import StudySpec, parse_study_spec
from tuner.spec_parts import HealthWeights, ParameterOverride
from tuner.trial_spec import TrialSpec

CPU_S = 2.0
"""Processor time of one refusal at most; those that this test was written for took a minute or more."""


def refused(model: type[BaseModel], values: Any) -> list[str]:
    """The messages of a refusal, which takes hardly any processor time."""
    began_s = time.process_time()
    with pytest.raises(ValidationError) as error:
        model.model_validate(values)
    assert time.process_time() - began_s < CPU_S
    assert error.value.error_count() < 100
    return [found["msg"].removeprefix("Value error, ") for found in error.value.errors()]


def override(**parts: Any) -> dict[str, Any]:
    return {"space": {"units": parts}}


def endless() -> Iterator[tuple[Any, str]]:
    """Values of a spec, and how the first message of their refusal begins."""
    yield {"constraints": ["parameter_count<=1000"] * 30_000}, "must have at most 50 constraints, not 30,000"
    yield {"constraints": ["parameter_count<=1000"] * 100_000}, "must have at most 50 constraints, not 100,000"
    yield {"constraints": ",".join(["parameter_count<=1000"] * 100_000)}, "must have at most 50 constraints"
    yield {"constraints": [1] * 1_000_000}, "must have at most 50 constraints"
    yield {"constraints": [f"parameter_count<={'1' * 1_000_000}x"]}, "String should have at most 200 characters"
    yield {f"key{number}": 1 for number in range(700_000)}, "Extra inputs are not permitted"
    yield {"space": {f"p{number}": 1 for number in range(100_000)}}, "must have at most 500 parameters, not 100,000"
    yield {"space": {"p" * 1_000_000: 1}}, "names of parameters must have at most 100 characters"
    yield {"space": {"units": list(range(100_000))}}, "must name at most 1,000 values"
    yield {"space": {"units": "1" * 1_000_000}}, "must have at most 200 characters"
    yield {"space": {"units": ["u" * 1_000_000]}}, "must have at most 200 characters"
    yield {"space": {f"p{i}": list(range(MOST_CHOICES)) for i in range(6)}}, "must name at most 5,000 choices together"
    yield override(**{f"key{number}": 1 for number in range(300_000)}), "Extra inputs are not permitted"
    yield override(low=10**4_000, high=10**3_999), "must lie between -9223372036854775807 and"
    yield override(choices=[10**4_000]), "must lie between"
    yield override(prior=10**4_000), "must lie between"
    yield {"health_weights": {f"key{number}": 1 for number in range(300_000)}}, "Extra inputs are not permitted"
    yield {"objective": ["val_accuracy"] * 1_000_000}, "must name no objective twice"
    yield {"objective": "val_accuracy," * 500_000}, "must be 'val_accuracy'"
    yield {"image_size": " " * 1_000_000}, "must be auto"
    yield {"image_size": [1] * 1_000_000}, "must be auto"
    yield {"dataset": "d" * 1_000_000}, "String should have at most 4096 characters"
    yield {"data_dir": "d" * 1_000_000}, "String should have at most 4096 characters"
    yield {"storage_path": "/" * 1_000_000}, "String should have at most 4096 characters"
    yield {"model": "m" * 1_000_000}, "String should have at most 200 characters"
    yield {"run_name": "r" * 1_000_000}, "must be 1 to 80 letters"
    yield {"warm_start_from": "w" * 1_000_000}, "String should have at most 100 characters"
    yield {"runpod_gpu": "g" * 1_000_000}, "String should have at most 100 characters"
    yield {"runpod_endpoint_id": "e" * 1_000_000}, "must be the endpoint's id"
    for field in ("early_stopping_patience", "max_parameters", "max_memory_mb", "runpod_parity_trials"):
        yield {field: 10**4_000}, "Input should be less than or equal to"
    yield {"time_budget_s": 1e300}, "Input should be less than or equal to"


def test_a_spec_without_end_is_refused_at_once():
    for values, message in endless():
        assert refused(StudySpec, values)[0].startswith(message), message


@pytest.mark.parametrize(
    "values",
    [
        {"constraints": ["parameter_count<=1000"] * MOST_CONSTRAINTS},
        {"space": {f"p{number}": 1 for number in range(MOST_PARAMETERS)}},
        {"space": {f"p{number}": list(range(MOST_CHOICES)) for number in range(MOST_CHOICES_TOGETHER // MOST_CHOICES)}},
        {"space": {"p" * LONGEST_NAME: ["u" * LONGEST_TEXT]}},
        override(low=-GREATEST_INTEGER, high=GREATEST_INTEGER),
        {"dataset": "d" * LONGEST_PATH},
        {"model": f"m:{'f' * (LONGEST_TEXT - 2)}"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_the_bounds_themselves_are_allowed(values):
    StudySpec.model_validate(values)


@pytest.mark.parametrize("model", [StudySpec, DataSpec, TrialSpec, ParameterOverride, HealthWeights])
def test_of_many_unknown_keys_only_the_first_ones_are_named(model):
    found = refused(model, {f"key{number}": 1 for number in range(300_000)})
    assert found.count("Extra inputs are not permitted") == MOST_ERRORS + 1


def trial(**hyperparameters: Any) -> dict[str, Any]:
    given = {"study": "a", "trial_number": 1, "data": {}, "architecture": "own", "epochs": 1}
    return {**given, "objective": "val_accuracy", "hyperparameters": hyperparameters}


@pytest.mark.parametrize(
    "values",
    [
        trial(**{f"p{number}": "x" for number in range(MOST_HYPERPARAMETERS + 1)}),
        trial(filters=["x"] * 1_000_000),
        trial(activation="x" * 1_000_000),
        trial(**{"p" * 1_000_000: 1}),
        trial() | {"study": "a" * 1_000_000},
        trial() | {"model": "a" * 1_000_000},
    ],
    ids=["many", "packed", "text", "name", "study", "model"],
)
def test_a_trial_without_end_is_refused_at_once(values):
    assert refused(TrialSpec, values)


def test_of_contradicting_constraints_both_are_named_also_when_they_lie_far_apart():
    bounds = [f"parameter_count<={bound}" for bound in range(2_000, 2_020)] + ["parameter_count>=2010"]
    with pytest.raises(FixInputError, match="no trial can meet both parameter_count>=2010 and parameter_count<=2000"):
        parse_study_spec({"constraints": bounds})
    parse_study_spec({"constraints": ["parameter_count>=2010", "parameter_count<=2010", "val_accuracy>=0.5"]})


def test_on_the_command_line_too_20_wrong_fields_are_named_and_values_are_cut():
    with pytest.raises(FixInputError) as error:
        parse_study_spec({"space": {"units": {f"key{number}": 1 for number in range(50)}}, "trials": "x" * 100_000})
    assert len(error.value.message) < 5_000
    assert error.value.message.count("unknown key") <= MOST_ERRORS
    assert error.value.message.endswith("; and more")


def test_labels_of_many_choices_take_no_longer_for_each_of_them():
    began_s = time.process_time()
    found = labels([[number % 1_000] for number in range(50_000)])
    assert time.process_time() - began_s < CPU_S
    assert len(set(found)) == 1_000


def test_an_own_model_has_a_bounded_space():
    with pytest.raises(FixInputError, match="the own model's space has 501 parameters - use at most 500"):
        make_space(StudySpec(), "own", None, {f"p{number}": 1 for number in range(MOST_PARAMETERS + 1)})


def test_the_remedy_for_a_misspelt_name_is_short():
    remedy = nearest("x" * 1_000_000, [f"name{number}" for number in range(1_000)])
    assert remedy.endswith("and 900 more")
    assert len(remedy) < 1_000
