"""From arguments and YAML files to specs, and the one line for whatever is wrong with them."""

from __future__ import annotations

import json
import string
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tuner.console.arguments import field_kind, read_spec, read_trials
from tuner.errors import FixInputError
from tuner.spec import StudySpec
from tuner.spec_parts import ParameterOverride

_printable = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp", "Cf"])
_paths = st.text(_printable, min_size=1, max_size=12).filter(lambda text: not text.startswith("~"))
_floats = st.floats(allow_nan=False, allow_infinity=False)
_names = st.text(string.ascii_letters + "_", min_size=1, max_size=10).filter(
    lambda name: name not in ParameterOverride.model_fields
)
_choices = st.booleans() | st.integers(1 - 2**63, 2**63 - 1) | _floats | st.text(_printable, max_size=8)
_ranges = st.tuples(_floats, _floats).map(sorted)
_overrides = st.one_of(
    st.lists(_choices, min_size=1, max_size=4).map(lambda values: {"choices": values}),
    _ranges.map(lambda bounds: {"low": bounds[0], "high": bounds[1]}),
    st.builds(lambda bounds, log: {"low": bounds[0], "high": bounds[1], "log": log}, _ranges, st.booleans()),
    st.booleans().map(lambda log: {"log": log}),
    _floats.map(lambda high: {"high": high}),
)
_shares = st.floats(0, 1, exclude_min=True)
specs = st.fixed_dictionaries(
    {},
    optional={
        "dataset": _paths,
        "data_dir": st.none() | _paths,
        "run_name": st.none() | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", fullmatch=True),
        "sample_percentage": _shares,
        "test_size": st.floats(0, 1, exclude_min=True, exclude_max=True),
        "seed": st.integers(0, 2**31 - 1),
        "image_size": st.sampled_from(["auto", 96, "64x96"]),
        "image_fit": st.sampled_from(["stretch", "pad", "crop"]),
        "architecture": st.sampled_from(["auto", "cnn", "lstm", "gru", "conv1d", "ngram"]),
        "storage_path": st.none() | st.just("s3://bucket/prefix?scheme=http&region=here"),
        "objective": st.sampled_from(["val_accuracy", "val_loss"]),
        "trials": st.integers(1, 100_000),
        "max_epochs_per_trial": st.integers(5, 10_000),
        "min_epochs_per_trial": st.integers(1, 5),
        "early_stopping_patience": st.none() | st.integers(1, 100),
        "scheduler": st.sampled_from(["asha", "none"]),
        "time_budget_s": st.none() | st.floats(0, 1e9, exclude_min=True),
        "target_score": st.none() | st.floats(0, 1),
        "concurrent_workers": st.just("auto") | st.integers(1, 1_000),
        "cpus_per_trial": st.just("auto") | st.floats(0.01, 1_024),
        "mixed_precision": st.sampled_from(["auto", True, False]),
        "xla": st.sampled_from(["auto", True, False]),
        "steps_per_execution": st.just("auto") | st.integers(1, 100),
        "gpus_per_trial": st.just("auto") | st.floats(0, 1),
        "max_parameters": st.integers(1, 2**63 - 1),
        "space": st.dictionaries(_names.filter(lambda name: name != "activation"), _overrides, max_size=3),
        "activation": st.just("auto") | st.sampled_from(["relu", "tanh"]),
        "plot_generation": st.sampled_from(["none", "best", "all"]),
        "loggers": st.lists(st.sampled_from(["tensorboard", "mlflow", "wandb"]), unique=True),
    },
).map(StudySpec.model_validate)


def arguments_of(spec: StudySpec) -> list[str]:
    """A spec as a user would type it, every field."""
    arguments = []
    for name, value in spec.model_dump(mode="json").items():
        if name == "space":
            for parameter, override in value.items():
                given_parts = {part: one for part, one in override.items() if one is not None}
                arguments += [f"space.{parameter}.{part}={json.dumps(one)}" for part, one in given_parts.items()]
        elif isinstance(value, str):
            special = value.strip().lower() in ("none", "null", "") or (value[0] == value[-1] and value[0] in "'\"")
            plain = not special or not field_kind(name).text
            arguments.append(f"{name}={value if plain else json.dumps(value)}")
        else:
            arguments.append(f"{name}={'none' if value is None else json.dumps(value)}")
    return arguments


@settings(max_examples=30)
@given(specs)
def test_any_spec_can_be_typed(spec: StudySpec) -> None:
    assert read_spec(arguments_of(spec)) == spec


@settings(max_examples=10)
@given(specs)
def test_any_spec_can_be_written_to_a_file(tmp_path_factory: pytest.TempPathFactory, spec: StudySpec) -> None:
    file = tmp_path_factory.getbasetemp() / "spec.yaml"
    file.write_text(json.dumps(spec.model_dump(mode="json")), encoding="utf-8")
    assert read_spec([], file) == spec


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run_name=007"], {"run_name": "007"}),
        (["run_name=1e3"], {"run_name": "1e3"}),
        (["run_name=true"], {"run_name": "true"}),
        (["run_name=2026-01-02"], {"run_name": "2026-01-02"}),
        (["run_name=none"], {"run_name": None}),
        (["run_name='none'"], {"run_name": "none"}),
        (["dataset=my file #1: [a, b].csv"], {"dataset": "my file #1: [a, b].csv"}),
        (["dataset=a=b.csv"], {"dataset": "a=b.csv"}),
        (["trials=010"], {"trials": 10}),
        (["trials=1e3"], {"trials": 1000}),
        (["trials=1_000"], {"trials": 1000}),
        (["time_budget_s=1e-4"], {"time_budget_s": 1e-4}),
        (["early_stopping_patience=None"], {"early_stopping_patience": None}),
        (["early_stopping_patience=null"], {"early_stopping_patience": None}),
        (["scheduler=none"], {"scheduler": "none"}),
        (["activation=auto"], {"activation": "auto"}),
        (["plot_generation=none"], {"plot_generation": "none"}),
        (["objective=val_loss,inference_time"], {"objective": ["val_loss", "inference_time"]}),
        (["objective=[val_loss,inference_time]"], {"objective": ["val_loss", "inference_time"]}),
        (["objective= [val_loss, inference_time] "], {"objective": ["val_loss", "inference_time"]}),
        (["objective=val_loss, inference_time"], {"objective": ["val_loss", "inference_time"]}),
        (["objective=[val_loss]"], {"objective": "val_loss"}),
        (["constraints=val_loss<=1, parameter_count<=9"], {"constraints": ["val_loss<=1", "parameter_count<=9"]}),
        (["constraints=[val_loss<=1,parameter_count<=9]"], {"constraints": ["val_loss<=1", "parameter_count<=9"]}),
        (["constraints=val_loss<=1"], {"constraints": ["val_loss<=1"]}),
        (["loggers=[tensorboard,mlflow]"], {"loggers": ["tensorboard", "mlflow"]}),
        (["loggers=tensorboard, mlflow"], {"loggers": ["tensorboard", "mlflow"]}),
        (["loggers=wandb"], {"loggers": ["wandb"]}),
        (["loggers=[]"], {"loggers": []}),
        (["model=my.models:build"], {"model": "my.models:build"}),
        (["space.activation=relu"], {"space": {"activation": "relu"}}),
        (["space.activation=[relu, swish]"], {"space": {"activation": ["relu", "swish"]}}),
        (["space.kernel_size=3"], {"space": {"kernel_size": 3}}),
        (["space.batch_normalization=true"], {"space": {"batch_normalization": True}}),
        (["space.learning_rate=1e-4..1e-2"], {"space": {"learning_rate": {"low": 1e-4, "high": 1e-2}}}),
        (
            ["space.learning_rate.log=true", "space.learning_rate=1e-4..1e-2"],
            {"space": {"learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}}},
        ),
        (["space.log=[1, 2]"], {"space": {"log": [1, 2]}}),
        (["space={activation: relu}", "space.dropout=0.1"], {"space": {"activation": "relu", "dropout": 0.1}}),
    ],
)  # fmt: skip
def test_a_value_is_read_by_the_type_of_its_field(arguments: list[str], expected: dict[str, Any]) -> None:
    assert read_spec(arguments) == StudySpec.model_validate(expected)


@pytest.mark.parametrize(
    ("argument", "line"),
    [
        ("mnist", "'mnist' has no '=' - write key=value, such as dataset=mnist"),
        ("trials", "'trials' has no '=' - write trials=..."),
        ("trials=", "'trials=' has no value - write one after the '=', without a space"),
        ("=5", "unknown field '' - write key=value, such as dataset=mnist"),
        ("trails=5", "unknown field 'trails' - did you mean 'trials'?"),
        ("batch_size=32", "unknown field 'batch_size' - write space.batch_size=..., it belongs to the search space"),
        ("zzz=1", "unknown field 'zzz' - `tuner options` lists all fields"),
        ("trials.low=5", "unknown field 'trials.low' - only space and health_weights have keys below them, such as "),
        ("health_weights.neuron=1", "unknown metric 'neuron' of health_weights - "),
        (
            "health_weights.gradient_helth=1",
            "unknown metric 'gradient_helth' of health_weights - did you mean 'gradient_health'?",
        ),
        ("health_weights.gradient_health=0.4", "health_weights: the six weights sum to 1.25, must be 1: neuron_util"),
        ("health_weights.gradient_health=2", "health_weights.gradient_health=2: must be less than or equal to 1"),
        ("health_weights.gradient_health=much", "health_weights.gradient_health='much': "),
        ("health_weights=0.4", "health_weights=0.4: "),
        ("trials=0", "trials=0: must be greater than or equal to 1 - see `tuner options`"),
        ("objective=loss", "objective='loss': must be 'val_accuracy', 'val_loss', "),
        ("objective=[val_loss, loss]", "objective=['val_loss', 'loss']: must be 'val_accuracy', 'val_loss', "),
        ("objective=[val_loss", "no valid YAML"),
        ("loggers=tensorboard,comet", "must be a list of 'tensorboard', 'mlflow', 'wandb'"),
        ("space.dropout=0.5..0.1", ": low 0.5 is above high 0.1 - see `tuner options`"),
        ("space.dropout=[0.1", "no valid YAML"),
        ("trials=!!python/name:os.system", "no valid YAML"),
        ("trials=*a", "an alias (*) has no place here"),
        ("space.a={b: 1, b: 2}", "b is given twice"),
        ("trials=" + "[" * 1_000, "no valid YAML"),
        ("trials=" + "9" * 5_000, "no valid YAML"),
        ("time_budget_s=inf", "finite number"),
        ("time_budget_s=1e999", "finite number"),
    ],
)
def test_what_is_wrong_is_one_line(argument: str, line: str) -> None:
    with pytest.raises(FixInputError) as error:
        read_spec([argument])
    assert line in str(error.value)
    assert "\n" not in str(error.value)


def test_a_key_comes_once() -> None:
    with pytest.raises(FixInputError, match="trials is given twice: 3 and 4 - keep one"):
        read_spec(["trials=3", "trials=4"])


WEIGHTS = {
    "neuron_utilization": 0.4,
    "training_stability": 0.2,
    "parameter_efficiency": 0.1,
    "gradient_health": 0.1,
    "convergence_quality": 0.1,
    "accuracy_consistency": 0.1,
}


class TestHealthWeights:
    def test_each_is_a_key_of_its_own_and_what_is_not_given_keeps_its_default(self) -> None:
        given = ["neuron_utilization=0.4", "parameter_efficiency=0.1", "gradient_health=0.1", "convergence_quality=0.1"]
        spec = read_spec(["mode=health", *(f"health_weights.{one}" for one in given)])
        assert spec.health_weights.shares == WEIGHTS

    def test_all_at_once(self) -> None:
        text = json.dumps(WEIGHTS)
        assert read_spec(["mode=health", f"health_weights={text}"]).health_weights.shares == WEIGHTS

    def test_in_a_file_and_some_of_them_set_anew(self, tmp_path: Path) -> None:
        file = tmp_path / "study.yaml"
        file.write_text(yaml.safe_dump({"mode": "health", "health_weights": WEIGHTS}))
        assert read_spec([], file).health_weights.shares == WEIGHTS
        swapped = ["health_weights.training_stability=0.1", "health_weights.gradient_health=0.2"]
        assert read_spec(swapped, file).health_weights.gradient_health == 0.2

    def test_a_wrong_sum_in_a_file_is_one_line_that_names_the_file(self, tmp_path: Path) -> None:
        file = tmp_path / "study.yaml"
        file.write_text("health_weights:\n  gradient_health: 0.4\n")
        with pytest.raises(FixInputError) as error:
            read_spec([], file)
        assert str(error.value).startswith(f"{file}: health_weights: the six weights sum to 1.25, must be 1: ")
        assert "\n" not in str(error.value)


class TestConfig:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "study.yaml"

    def test_arguments_win_over_the_file(self, file: Path) -> None:
        file.write_text("trials: 3\nrun_name: 007\nspace:\n  activation: [relu, swish]\n  learning_rate: 1e-4..1e-2\n")
        spec = read_spec(["trials=5", "space.activation=elu", "space.learning_rate.log=true"], file)
        assert spec == StudySpec(
            trials=5,
            run_name="007",
            space={"activation": "elu", "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}},
        )

    def test_what_a_study_writes_is_read_again(self, file: Path) -> None:
        spec = StudySpec(run_name="none", scheduler="none", time_budget_s=1e-5, space={"learning_rate": "1e-5..1e16"})
        file.write_text(yaml.safe_dump(spec.model_dump(mode="json"), sort_keys=False))
        assert read_spec([], file) == spec

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("", "does not contain keys with values - write one field per line, such as dataset: mnist"),
            ("- trials: 3", "does not contain keys with values"),
            ("trials: 3\ntrials: 4", "trials is given twice"),
            ("trials: [3", "is no valid YAML: did not find expected ',' or ']' (line 2, column 1)"),
            ("a: 1\n---\nb: 2", "is no valid YAML"),
            ("trails: 3", "unknown field 'trails' - did you mean 'trials'?"),
            ("space: 3", "space=3"),
            ("1: 3", "unknown field '1'"),
            ("[a]: 3", "unknown field"),
        ],
    )
    def test_what_is_wrong_is_one_line(self, file: Path, text: str, line: str) -> None:
        file.write_text(text)
        with pytest.raises(FixInputError) as error:
            read_spec([], file)
        assert line.split("did not")[0] in str(error.value)
        assert "\n" not in str(error.value)

    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(FixInputError, match=r"cannot read .*none\.yaml: No such file"):
            read_spec([], tmp_path / "none.yaml")
        with pytest.raises(FixInputError, match="cannot read"):
            read_spec([], tmp_path)
        (tmp_path / "model").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(FixInputError, match="is not a UTF-8 text"):
            read_spec([], tmp_path / "model")


class TestMoreTrials:
    @pytest.mark.parametrize(("arguments", "total"), [([], None), (["trials=30"], 30), (["trials=+5"], 25)])
    def test_a_total_or_more(self, arguments: list[str], total: int | None) -> None:
        assert read_trials(arguments, asked=20) == total

    @pytest.mark.parametrize("argument", ["trials=0", "trials=-3", "trials=x", "trials=+", "trials=²", "trials=100001"])
    def test_no_number_of_trials(self, argument: str) -> None:
        with pytest.raises(FixInputError, match="trials="):
            read_trials([argument], asked=20)

    def test_nothing_else_changes(self) -> None:
        with pytest.raises(FixInputError, match="seed cannot change after a study has started"):
            read_trials(["seed=3"], asked=20)


def test_what_is_wrong_in_a_file_names_the_file(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("trails: 3\n")
    with pytest.raises(FixInputError, match=r"study\.yaml: unknown field 'trails' - did you mean 'trials'"):
        read_spec([], file)


def test_what_an_argument_gets_wrong_is_not_blamed_on_the_file(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("trials: 3\n")
    with pytest.raises(FixInputError) as error:
        read_spec(["max_epochs_per_trial=0"], file)
    assert "study.yaml" not in str(error.value)


def test_an_unknown_part_of_a_parameter_is_named():
    with pytest.raises(FixInputError, match=r"unknown part .foo. of space\.batch_size - known are low, high"):
        read_spec(["space.batch_size.foo=3"])


def test_dotted_keys_are_read_from_a_file(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("space.learning_rate: 1e-3..1e-2\nspace: {activation: relu}\nspace.dropout.high: 0.2\n")
    expected = {"learning_rate": {"low": 1e-3, "high": 1e-2}, "activation": "relu", "dropout": {"high": 0.2}}
    assert read_spec([], file) == StudySpec(space=expected)
    assert read_spec(["space.learning_rate=0.1"], file) == StudySpec(space=expected | {"learning_rate": 0.1})
    file.write_text("space.dropout.hihg: 0.2\n")
    with pytest.raises(FixInputError, match=r"unknown part .hihg. of space\.dropout"):
        read_spec([], file)
