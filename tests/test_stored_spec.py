"""Specs that a database holds are read whatever today's input rules are."""

import json
import re
from pathlib import Path

import pytest

from tuner.spec import StudySpec, parse_study_spec
from tuner.spec_parts import ParameterOverride
from tuner.stored_spec import stored_spec

EARLIER = sorted((Path(__file__).parent / "store" / "earlier").glob("*.sql"))
DOCUMENTS = [
    json.loads(text) for file in EARLIER for text in re.findall(r"'(\{\"dataset\".*?\})','/", file.read_text())
]


def test_specs_of_every_committed_version_are_read():
    assert len(DOCUMENTS) == 2 * len(EARLIER)
    for document in DOCUMENTS:
        spec = stored_spec(document)
        assert (spec.run_name, spec.trials) == (document["run_name"], document["trials"])
        assert spec.searcher == "auto"
        assert parse_study_spec(spec.model_dump()) == spec, "the rules did not change for it"
    ranges = [stored_spec(document).space.get("learning_rate") for document in DOCUMENTS[::2]]
    assert ranges == [ParameterOverride(low=1e-4, high=1e-2)] * len(EARLIER)


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ({"searcher": "tpe", "cost_aware": True}, "auto"),
        ({"searcher": "tpe", "cost_aware": False}, "tpe"),
        ({"searcher": "random", "cost_aware": True}, "random"),
        ({"searcher": "tpe"}, "tpe"),
        ({}, "auto"),
    ],
)
def test_the_searcher_means_what_it_meant_when_it_was_stored(stored, read):
    assert stored_spec(stored).searcher == read


@pytest.mark.parametrize(
    "document",
    [
        {"trials": 10**9, "validation_split": 7, "run_name": "not / allowed", "min_epochs_per_trial": 99},
        {"a_field_of_the_future": 1, "constraints": ["no constraint", "val_accuracy>=0.5"], "model": "no function"},
        {"space": {"units": [1], "x": {"low": 3, "high": 1, "of the future": 0}}, "health_weights": {"luck": 1}},
        {"objective": ["val_accuracy", "parameter_count"], "scheduler": "asha", "constraints": None, "space": None},
        {"loggers": ["tensorboard", "of the future"]},
        {"loggers": None},
    ],
)
def test_a_rule_that_got_stricter_hides_no_study(document):
    spec = stored_spec(document)
    assert stored_spec(spec.model_dump(mode="json")) == spec
    assert (len(spec.bounds), bool(spec.objectives), spec.health) == (len(spec.constraints), True, None)


def test_a_spec_is_the_same_after_it_was_stored():
    spec = StudySpec(
        mode="pareto", constraints=("parameter_count<=9",), space={"units": ["a", "b"]}, concurrent_workers=2
    )
    assert stored_spec(json.loads(spec.model_dump_json())) == spec
