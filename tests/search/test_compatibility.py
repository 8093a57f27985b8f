"""What does not go together is refused, with the reason and a way out."""

import pytest

from tests.search.samples import PLAIN, space
from tuner.errors import FixInputError
from tuner.search import compatibility
from tuner.search.compatibility import check_search
from tuner.spec import parse_study_spec

BOTH = ["val_accuracy", "parameter_count"]
NUMBERS = {"conv_layers": 1, "dense_layers": 1, "optimizer": "adam", "kernel_size": 3, "activation": "relu"}
NUMBERS |= {"batch_normalization": True, "use_global_pooling": True, "initializer": "he_normal", **PLAIN}
CHOICES = NUMBERS | {"filters_1": 8, "first_dense_nodes": 64, "batch_size": 32, "dropout": 0.1}


def check(**fields):
    spec = parse_study_spec(fields)
    check_search(spec, space(space=spec.space))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"objective": BOTH, "scheduler": "asha"}, "scheduler=asha compares trials by one value"),
        ({"objective": BOTH, "searcher": "cmaes"}, "searcher=cmaes takes one objective"),
        ({"objective": BOTH, "target_score": 0.9}, "target_score needs exactly one objective"),
        ({"searcher": "nsga2"}, "searcher=nsga2 is for several objectives"),
        ({"scheduler": "pbt", "searcher": "tpe"}, "scheduler=pbt changes trials while they train"),
        ({"searcher": "cmaes"}, "searcher=cmaes searches numbers, and block, kernel_size, batch_normalization"),
        ({"searcher": "grid"}, "searcher=grid tries every combination, and dropout, learning_rate"),
        (
            {
                "searcher": "grid",
                "space": CHOICES | {"batch_size": "32..256", "filters_1": "1..4096", "learning_rate": 0.1},
            },
            "the space has up to 921,600 for 20 trials",
        ),
        ({"searcher": "cmaes", "space": CHOICES | {"learning_rate": 0.01}}, "at least two parameters that vary"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(fields, said):
    with pytest.raises(FixInputError, match=said) as refused:
        check(**fields)
    assert refused.value.remedy


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"objective": BOTH},
        {"objective": BOTH, "searcher": "nsga2"},
        {"scheduler": "pbt"},
        {"searcher": "cmaes", "space": NUMBERS},
        {"searcher": "grid", "space": CHOICES | {"learning_rate": {"choices": [0.1, 0.01]}}},
        {"searcher": "random", "scheduler": "hyperband"},
    ],
)
def test_what_makes_sense_is_taken(fields):
    check(**fields)


def test_gp_needs_torch_and_says_so(monkeypatch):
    monkeypatch.setattr(compatibility, "find_spec", lambda name: None)
    with pytest.raises(FixInputError, match="searcher=gp needs the package torch"):
        check(searcher="gp")
    monkeypatch.setattr(compatibility, "find_spec", lambda name: object())
    check(searcher="gp")


def test_what_was_not_asked_for_follows_what_was():
    assert parse_study_spec({"objective": "val_accuracy,parameter_count"}).scheduler == "none"
    assert parse_study_spec({"scheduler": "pbt"}).searcher == "random"
    assert parse_study_spec({"objective": ["val_loss"]}).scheduler == "asha"
