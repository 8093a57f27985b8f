"""The command of a study, read back as the command line reads it."""

from __future__ import annotations

import shlex

import pytest

from tuner.console.arguments import read_spec
from tuner.spec import parse_study_spec
from tuner.study.command import command_of

SPECS = [
    {},
    {"dataset": "mnist", "trials": 40, "max_epochs_per_trial": 10, "time_budget_s": 3600},
    {"space": {"activation": "relu", "learning_rate": "1e-4..1e-2", "batch_size": [32, 64], "dropout": {"low": 0.1}}},
    {
        "space": {
            "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True, "prior": 1e-3},
            "optimizer": {"prior": "adam"},
        }
    },
    {"space": {"a b": ["x", "1..2", True, 3, 2.5, "none"], "c": ["1..2"], "d": ["007"], "e": [None], "f": ["it's"]}},
    {"mode": "health", "accuracy_weight": 0.7},
    {"mode": "health", "health_stop": False, "health_weights": {"neuron_utilization": 0.4, "training_stability": 0.05}},
    {"mode": "pareto"},
    {"objective": ["val_accuracy", "parameter_count"]},
    {"constraints": ["parameter_count<=200000", "val_accuracy>=0.9"]},
    {"loggers": ["tensorboard", "mlflow"]},
    {"early_stopping_patience": None, "scheduler": "none", "plot_generation": "none"},
    {"run_name": "007", "warm_start_from": "none", "data_dir": "/a b/c"},
    {"image_size": "32x16", "mixed_precision": True, "xla": False, "use_multi_gpu": True, "class_weight": "auto"},
    {"objective": "val_macro_f1", "class_weight": "none", "concurrent_workers": 3, "cpus_per_trial": "auto"},
]


@pytest.mark.parametrize("fields", SPECS)
def test_pasted_into_a_shell_it_starts_an_equal_study(fields):
    spec = parse_study_spec(fields)
    program, run, *assignments = shlex.split(command_of(spec))
    assert (program, run) == ("tuner", "run")
    assert read_spec(assignments) == spec


def test_it_names_no_field_that_follows_from_the_others():
    assert command_of(parse_study_spec({})) == "tuner run dataset=digits trials=20"
    assert command_of(parse_study_spec({"mode": "health"})) == "tuner run dataset=digits trials=20 mode=health"
    spec = parse_study_spec({"dataset": "mnist", "time_budget_s": 60, "space": {"kernel_size": 3}})
    assert command_of(spec) == "tuner run dataset=mnist trials=1000 time_budget_s=60 space.kernel_size=3"
