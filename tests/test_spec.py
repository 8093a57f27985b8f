"""The contract: what is accepted, how it is refused, and that it travels unharmed."""

import json
import string
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.search.samples import IMAGES, TEXTS, DrawingSuggester
from tuner.data_spec import DataSpec
from tuner.errors import FixInputError
from tuner.objectives import HEALTH, Objective
from tuner.search.space import make_space
from tuner.spec import LoggerName, SchedulerName, SearcherName, StudySpec, parse_study_spec
from tuner.spec_parts import DeviceSpec, HealthSpec, HealthWeights, ParameterOverride
from tuner.trial_spec import TrialSpec, architecture_of

NAMES = string.ascii_letters + string.digits + "._-"
ONE_KB = 1_024


def refusal(**fields):
    with pytest.raises(FixInputError) as caught:
        parse_study_spec(fields)
    return str(caught.value)


# --- what is refused, and in which words ---


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("trails", "did you mean 'trials'?"),
        ("max_epoch", "did you mean 'max_epochs_per_trial'?"),
        ("data-dir", "did you mean 'data_dir'?"),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest_name(name, remedy):
    assert refusal(**{name: 1}) == f"unknown field {name!r} - {remedy}"


def test_an_unknown_field_near_to_none_is_refused_with_all_names():
    assert refusal(zzz=1).endswith(", ".join(sorted(StudySpec.model_fields)))


def test_in_python_its_errors_are_those_of_the_command_line():
    with pytest.raises(FixInputError) as error:
        StudySpec(trials=0, tirals=3)
    assert str(error.value) == "unknown field 'tirals' - did you mean 'trials'?"
    with pytest.raises(FixInputError) as error:
        StudySpec(trials=0)
    assert str(error.value) == refusal(trials=0)


@pytest.mark.parametrize("model", [DataSpec, TrialSpec, ParameterOverride])
def test_no_model_of_the_contract_swallows_an_unknown_field(model):
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        model(zzz=1)


@pytest.mark.parametrize("model", [StudySpec, ParameterOverride])
def test_every_field_says_what_it_is_for(model):
    short = {name: field.description for name, field in model.model_fields.items() if len(field.description or "") < 15}
    assert not short


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("trials", 0, "must be greater than or equal to 1"),
        ("trials", 100_001, "must be less than or equal to 100000"),
        ("trials", 1.5, "must be a valid integer"),
        ("trials", "many", "must be a valid integer"),
        ("sample_percentage", 0, "must be greater than 0"),
        ("sample_percentage", 20, "must be less than or equal to 1"),
        ("validation_split", 0, "must be greater than 0"),
        ("validation_split", 1.0, "must be less than 1"),
        ("test_size", 1.0, "must be less than 1"),
        ("test_size", -0.1, "must be greater than 0"),
        ("seed", -1, "must be greater than or equal to 0"),
        ("seed", 2**31, "must be less than 2147483648"),
        ("max_epochs_per_trial", 0, "must be greater than or equal to 1"),
        ("max_epochs_per_trial", 10_001, "must be less than or equal to 10000"),
        ("min_epochs_per_trial", 0, "must be greater than or equal to 1"),
        ("early_stopping_patience", 0, "must be greater than or equal to 1"),
        ("time_budget_s", 0, "must be greater than 0"),
        ("time_budget_s", float("inf"), "must be a finite number"),
        ("target_score", float("nan"), "must be a finite number"),
        ("concurrent_workers", 0, "must be greater than or equal to 1"),
        ("concurrent_workers", 1_001, "must be less than or equal to 1000"),
        ("cpus_per_trial", 0, "must be greater than or equal to 0.01, or 'auto'"),
        ("cpus_per_trial", "all", "must be a valid number, or 'auto'"),
        ("gpus_per_trial", 2, "must be less than or equal to 1"),
        ("use_multi_gpu", "maybe", "must be a valid boolean"),
        ("target_gpus_per_worker", 0, "must be greater than or equal to 1"),
        ("target_gpus_per_worker", 65, "must be less than or equal to 64"),
        ("mixed_precision", "bf16", "must be a valid boolean"),
        ("steps_per_execution", 0, "must be greater than or equal to 1, or 'auto'"),
        ("steps_per_execution", 101, "must be less than or equal to 100, or 'auto'"),
        ("max_parameters", 0, "must be greater than or equal to 1"),
        ("max_memory_mb", 0, "must be greater than or equal to 1"),
        ("runpod_queue_timeout_s", 0, "must be greater than or equal to 1"),
        ("runpod_timeout_s", 1, "must be greater than or equal to 5"),
        ("runpod_timeout_s", 86_401, "must be less than or equal to 86400"),
        ("runpod_endpoint_id", "https://x/y", "must be the endpoint's id, such as 4k2x9v7q1abcde: letters, digits"),
        ("dataset", "", "must have at least 1 character"),
        ("architecture", "rnn", "must be 'auto', 'cnn', 'lstm', 'gru', 'conv1d' or 'ngram'"),
        ("model", "my_model", "must be module:function, such as my_model:build"),
        ("model", "my_model.py:build()", "must be module:function, such as my_model:build"),
        ("mode", "enhanced", "must be 'simple'"),
        ("objective", "accuracy", "must be 'val_accuracy', 'val_loss', "),
        ("loggers", "tensorbord", "must be a list of 'tensorboard', 'mlflow', 'wandb'"),
        ("loggers", ["mlflow", "comet"], "must be a list of 'tensorboard', 'mlflow', 'wandb'"),
        ("loggers", ["mlflow", "mlflow"], "must name no logger twice"),
        ("loggers", 1, "must be a list of 'tensorboard', 'mlflow', 'wandb'"),
        ("scheduler", "halving", "must be 'asha', 'hyperband', 'median', 'pbt' or 'none'"),
        ("activation", "relo", "must be 'relu', 'leaky_relu', 'swish', 'elu', 'gelu', 'tanh', 'sigmoid' or 'auto'"),
        ("storage_path", "studies", "must be an absolute folder such as /nfs/studies, or start with s3://, gs://, "),
        ("storage_path", "ftp://host/studies", "must be an absolute folder"),
        ("storage_path", "s3://", "must be an absolute folder"),
        ("storage_path", "s3://id:key@bucket/studies", "must not contain a key: set AWS_ACCESS_KEY_ID"),
        ("plot_generation", True, "must not be true or false"),
        ("plot_generation", "some", "must be 'none', 'best' or 'all'"),
        ("space", 3, "must be names with values"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_of_field_value_and_what_is_allowed(field, value, allowed):
    line = refusal(**{field: value})
    assert line.startswith(f"{field}={value!r}: {allowed}")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("field", "lowest", "highest"),
    [
        ("trials", 1, 100_000),
        ("sample_percentage", 1e-9, 1),
        ("validation_split", 1e-9, 0.999999),
        ("test_size", 1e-9, 0.999999),
        ("seed", 0, 2**31 - 1),
        ("max_epochs_per_trial", 1, 10_000),
        ("concurrent_workers", 1, 1_000),
        ("cpus_per_trial", 0.01, 1_024),
        ("gpus_per_trial", 0, 1),
        ("target_gpus_per_worker", 1, 64),
        ("steps_per_execution", 1, 100),
    ],
)
def test_bounds_belong_to_the_range(field, lowest, highest):
    assert getattr(parse_study_spec({field: lowest}), field) == lowest
    assert getattr(parse_study_spec({field: highest}), field) == highest


def test_all_wrong_fields_are_named_at_once():
    line = refusal(trials=0, seed=-1)
    assert "trials=0: " in line
    assert "seed=-1: " in line
    assert "\n" not in line


def test_fewer_epochs_at_most_than_at_least_are_refused_with_both_names():
    line = refusal(min_epochs_per_trial=6, max_epochs_per_trial=5)
    assert line.startswith(
        "min_epochs_per_trial=6 is above max_epochs_per_trial=5: lower the first or raise the second"
    )


def test_a_model_with_an_architecture_is_refused():
    assert refusal(model="a:b", architecture="cnn").startswith("model and architecture are both given: keep one")


def test_an_activation_given_twice_is_refused():
    assert refusal(activation="relu", space={"activation": "swish"}).startswith(
        "activation and space.activation are both given: keep one"
    )


@pytest.mark.parametrize("name", ["a", "mnist-20260102-030405", "0.1_x", "A" * 80])
def test_a_run_name_is_letters_digits_dot_underscore_and_dash(name):
    assert parse_study_spec({"run_name": name}).run_name == name


@pytest.mark.parametrize("name", ["", "A" * 81, "..", ".hidden", "-x", "_x", "a/b", "a\\b", "a b", "ä", "a\n", "a:b"])
def test_a_run_name_that_is_no_safe_folder_is_refused(name):
    assert refusal(run_name=name).startswith(
        f"run_name={name!r}: must be 1 to 80 letters, digits, '.', '_' or '-', beginning with a letter or digit"
    )


@pytest.mark.parametrize("field", ["dataset", "data_dir", "storage_path"])
def test_a_tilde_is_the_home_folder(field, monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    assert getattr(parse_study_spec({field: "~/mnist.npz"}), field) == "/home/somebody/mnist.npz"


def test_a_file_address_is_the_folder_that_it_names():
    assert parse_study_spec({"storage_path": "file:///nfs/studies"}).storage_path == "/nfs/studies"


def test_a_population_needs_a_folder_for_the_weights_that_are_copied():
    with pytest.raises(FixInputError, match="set storage_path to such a folder"):
        parse_study_spec({"scheduler": "pbt", "storage_path": "gs://bucket"})


def test_a_spec_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        StudySpec().trials = 3


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"objective": "total_score"}, "total_score is not measured in mode=simple: set mode=health or mode=pareto"),
        ({"constraints": "overall_health>=0.8"}, "overall_health is not measured in mode=simple"),
        ({"mode": "health", "objective": "val_loss"}, "mode=health optimises total_score: leave objective out"),
        ({"mode": "pareto", "objective": "val_accuracy"}, "mode=pareto optimises val_accuracy and overall_health"),
        ({"mode": "health", "accuracy_weight": 1.5}, "accuracy_weight=1.5: must be less than or equal to 1"),
        ({"mode": "health", "health_weights": {"gradient_health": 0.9}}, "health_weights: the six weights sum to 1.75"),
        ({"mode": "health", "health_weights": {"luck": 0.9}}, "health_weights.luck=0.9: unknown key, known are: "),
        ({"constraints": "total_score>=1.5", "mode": "health"}, "total_score lies in [0, 1]"),
    ],
)
def test_what_does_not_go_with_the_mode_is_refused(fields, line):
    assert line in refusal(**fields)


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"target_score": 2}, "no trial can reach target_score=2: val_accuracy lies in [0, 1]"),
        ({"target_score": -0.1}, "no trial can reach target_score=-0.1: val_accuracy lies in [0, 1]"),
        ({"target_score": 95, "mode": "health"}, "no trial can reach target_score=95: total_score lies in [0, 1]"),
        ({"target_score": -1, "objective": "val_loss"}, "no trial can reach target_score=-1: val_loss is at least 0"),
        ({"accuracy_weight": 0.5}, "accuracy_weight has no effect in mode=simple: leave it out, or set mode=health"),
        (
            {"health_weights": {"neuron_utilization": 0.2, "training_stability": 0.25}},
            "health_weights has no effect in mode=simple",
        ),
    ],
)
def test_what_can_have_no_effect_is_refused(fields, line):
    assert refusal(**fields).startswith(line)


def test_a_written_spec_with_all_its_defaults_can_be_given_again():
    assert parse_study_spec(StudySpec().model_dump(mode="json")) == StudySpec()
    assert parse_study_spec({"target_score": 3.5, "objective": "val_loss"}).target_score == 3.5


@pytest.mark.parametrize(
    ("fields", "what", "remedy"),
    [
        ({"time_budget_s": 60}, "time_budget_s", "leave it out"),
        ({"scheduler": "hyperband"}, "scheduler=hyperband", "use scheduler=asha or none"),
        ({"scheduler": "median"}, "scheduler=median", "use scheduler=asha or none"),
        ({"scheduler": "pbt"}, "scheduler=pbt", "use scheduler=asha or none"),
        ({"objective": "inference_time"}, "inference_time", "name other objectives and constraints"),
        ({"constraints": "training_time<=60"}, "training_time", "name other objectives and constraints"),
        ({"target_score": 0.9}, "target_score", "leave it out, or set concurrent_workers=1"),
        ({"warm_start_from": "auto"}, "warm_start_from=auto", "name one study"),
        ({"cpus_per_trial": "auto"}, "cpus_per_trial=auto", "give a number"),
        ({"use_multi_gpu": "auto"}, "use_multi_gpu=auto", "set it to true or false"),
        ({"use_runpod_service": True}, "use_runpod_service=true", "leave it out"),
    ],
)
def test_a_reproducible_search_excludes_what_differs_from_run_to_run(fields, what, remedy):
    line = refusal(deterministic=True, **fields)
    assert line.startswith(f"deterministic=true excludes {what}, which differs from run to run: {remedy}")
    assert parse_study_spec({"deterministic": False, **fields})


def test_a_reproducible_search_takes_no_gpus_that_happen_to_be_idle():
    spec = parse_study_spec({"deterministic": True})
    assert spec.use_multi_gpu is False
    assert parse_study_spec(spec.model_dump(mode="json")) == spec
    assert parse_study_spec({"deterministic": True, "target_score": 0.9, "concurrent_workers": 1})


def test_the_mode_names_the_objective_and_whether_hopeless_trials_end():
    simple, health, pareto = (parse_study_spec({"mode": mode}) for mode in ("simple", "health", "pareto"))
    assert (simple.objectives, simple.health) == (("val_accuracy",), None)
    assert (health.objectives, health.health_stop, health.health.accuracy_weight) == (("total_score",), True, 0.7)
    assert (pareto.objectives, pareto.health_stop) == (("val_accuracy", "overall_health"), False)
    assert pareto.scheduler == "none", "rungs compare one value"
    assert parse_study_spec({"mode": "health", "health_stop": False}).health.stop is False


@pytest.mark.parametrize("objective", ["val_balanced_accuracy", "val_macro_f1", ["val_macro_f1", "parameter_count"]])
def test_an_objective_that_counts_every_class_alike_is_measured_and_trained_for(objective):
    spec = parse_study_spec({"objective": objective})
    assert (spec.class_weight, spec.class_scores) == ("auto", True)
    assert parse_study_spec({"objective": objective, "class_weight": "none"}).class_weight == "none"
    assert parse_study_spec(spec.model_dump(mode="json")) == spec


@pytest.mark.parametrize("fields", [{"objective": "val_accuracy,val_macro_f1"}, {"constraints": "val_macro_f1>=0.5"}])
def test_one_that_does_not_come_first_is_only_measured(fields):
    spec = parse_study_spec(fields)
    assert (spec.class_weight, spec.class_scores) == ("none", True)
    assert parse_study_spec({}).class_scores is False


def test_a_simple_study_may_end_what_is_hopeless_without_scoring_its_health():
    watched = parse_study_spec({"health_stop": True}).health
    assert (watched.accuracy_weight, watched.stop) == (None, True)


# --- devices ---


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"use_multi_gpu": True, "gpus_per_trial": 0.5}, "gpus_per_trial is a share of one GPU"),
        ({"use_multi_gpu": True, "xla": True}, "xla and steps_per_execution do not work with several"),
        ({"use_multi_gpu": True, "steps_per_execution": 2}, "xla and steps_per_execution do not work with several"),
        (
            {"use_multi_gpu": False, "target_gpus_per_worker": 2},
            "target_gpus_per_worker needs use_multi_gpu=auto",
        ),
        ({"gpus_per_trial": 1, "target_gpus_per_worker": 2}, "target_gpus_per_worker needs use_multi_gpu=auto or true"),
    ],
)
def test_devices_that_do_not_go_together_are_refused(fields, line):
    assert refusal(**fields).startswith(line)


def test_what_is_left_to_the_worker_takes_no_room_in_a_trials_spec():
    assert json.loads(StudySpec().devices.model_dump_json()) == []
    assert json.loads(StudySpec(xla=False).devices.model_dump_json()) == [None, None, None, False]
    asked = StudySpec(use_multi_gpu=False, mixed_precision=True, steps_per_execution=4).devices
    assert asked == DeviceSpec(multi_gpu=False, mixed_precision=True, steps_per_execution=4)


# --- overrides of the search space ---


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("relu", {"choices": ("relu",)}),
        (3, {"choices": (3,)}),
        (0.5, {"choices": (0.5,)}),
        (False, {"choices": (False,)}),
        (["relu", "swish"], {"choices": ("relu", "swish")}),
        ([32, 64], {"choices": (32, 64)}),
        ("1e-4..1e-2", {"low": 1e-4, "high": 1e-2}),
        ("16..256", {"low": 16, "high": 256}),
        ("-1 .. .5", {"low": -1, "high": 0.5}),
        ("a..b", {"choices": ("a..b",)}),
        ([3, 5, 7], {"choices": (3, 5, 7)}),
        ([3], {"choices": (3,)}),
        ([True, False], {"choices": (True, False)}),
    ],
)
def test_a_short_form_means_its_long_form(short, long):
    override = ParameterOverride.model_validate(short)
    assert override == ParameterOverride(**long)
    assert [type(value) for value in override.choices or ()] == [type(value) for value in long.get("choices", ())]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ([], "space.units=[]: must name at least one value"),
        ("5..1", "space.units='5..1': low 5 is above high 1"),
        ({"low": 1, "choices": [1]}, "space.units: give either low/high/log or choices"),
        ({}, "space.units: give low/high/log, choices or prior"),
        ({"lo": 1, "high": 2}, "space.units.lo=1: unknown key, did you mean 'low'?"),
        ({"low": "a"}, "space.units.low='a': must be a valid number"),
        ("1..1e999", "space.units.high=inf: must be a finite number"),
        (None, "space.units=None: must be "),
    ],
)
def test_a_wrong_override_is_refused_in_one_line_that_names_it(override, message):
    line = refusal(space={"units": override})
    assert line.startswith(message)
    assert "\n" not in line


# --- travelling ---

shares = st.floats(1e-6, 1)
proper_shares = st.floats(1e-6, 1, exclude_max=True)
safe_names = st.text(NAMES, min_size=1, max_size=40).map(lambda name: f"a{name}")
finite = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.booleans() | st.integers(-(2**53), 2**53) | finite | st.text(max_size=200)
ranges = st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)).map(
    lambda bounds: {"low": min(bounds), "high": max(bounds)}
)
overrides = st.lists(scalars, min_size=1, max_size=4).map(lambda values: {"choices": values}) | ranges
data_fields = {
    "dataset": safe_names,
    "data_dir": st.none() | safe_names,
    "sample_percentage": shares,
    "validation_split": proper_shares,
    "test_size": proper_shares,
    "seed": st.integers(0, 2**31 - 1),
    "image_size": st.just("auto") | st.integers(1, 1_024) | st.tuples(st.integers(1, 1_024), st.integers(1, 1_024)),
    "image_fit": st.sampled_from(["stretch", "pad", "crop"]),
}
objectives = st.sampled_from([objective for objective in get_args(Objective) if objective not in HEALTH])


@st.composite
def health_weights(draw):
    """Six shares of 1, with as many digits as a spec has room for."""
    parts = draw(st.lists(st.integers(1, 999_999), min_size=6, max_size=6))
    shares = [int(1e6 * part / sum(parts)) / 1e6 for part in parts]
    return dict(zip(HealthWeights.model_fields, [*shares[:-1], 1 - sum(shares[:-1])], strict=True))


weights = health_weights()
study_fields = {
    **data_fields,
    "run_name": st.none() | safe_names,
    "architecture": st.sampled_from(["auto", "cnn", "lstm"]),
    "model": st.none(),
    "mode": st.sampled_from(["simple", "health"]),
    "accuracy_weight": st.floats(0, 1),
    "health_weights": weights,
    "health_stop": st.booleans(),
    "objective": objectives | st.lists(objectives, min_size=1, max_size=5, unique=True),
    "constraints": st.lists(st.sampled_from(["parameter_count<=200000", "val_accuracy>=0.5"]), max_size=2),
    "searcher": st.sampled_from(get_args(SearcherName)),
    "warm_start_from": st.none() | safe_names,
    "trials": st.integers(1, 100_000),
    "max_epochs_per_trial": st.integers(100, 10_000),
    "min_epochs_per_trial": st.integers(1, 100),
    "early_stopping_patience": st.none() | st.integers(1, 100),
    "scheduler": st.sampled_from([name for name in get_args(SchedulerName) if name != "pbt"]),
    "time_budget_s": st.none() | st.floats(1e-3, 1e9),
    "deterministic": st.just(False),
    "baseline": st.booleans(),
    "loggers": st.lists(st.sampled_from(get_args(LoggerName)), unique=True),
    "class_weight": st.sampled_from(["auto", "none"]),
    "target_score": st.none() | st.floats(0, 1),
    "concurrent_workers": st.just("auto") | st.integers(1, 1_000),
    "cpus_per_trial": st.just("auto") | st.floats(0.01, 1_024),
    "gpus_per_trial": st.just("auto") | st.floats(0, 1),
    "use_multi_gpu": st.sampled_from(["auto", False]),
    "target_gpus_per_worker": st.just("auto"),
    "mixed_precision": st.sampled_from(["auto", True, False]),
    "xla": st.sampled_from(["auto", True, False]),
    "steps_per_execution": st.just("auto") | st.integers(1, 100),
    "max_parameters": st.integers(1, 2**53),
    "max_memory_mb": st.integers(1, 2**31),
    "use_runpod_service": st.booleans(),
    "runpod_endpoint_id": st.none() | st.just("4k2x9v7q1abcde"),
    "runpod_fallback_local": st.booleans(),
    "runpod_queue_timeout_s": st.floats(1, 86_400),
    "runpod_timeout_s": st.floats(5, 86_400),
    "runpod_gpu": st.none() | st.just("RTX 4090"),
    "runpod_parity_trials": st.integers(0, 100),
    "activation": st.just("auto") | st.sampled_from(["relu", "gelu"]),
    "space": st.dictionaries(safe_names, overrides, max_size=4),
    "storage_path": st.none() | st.sampled_from(["/nfs/studies", "s3://bucket/prefix?region=here"]),
    "refit": st.booleans(),
    "keep_models": st.sampled_from(["best", "front", "all"]),
    "plot_generation": st.sampled_from(["none", "best", "all"]),
}


def test_the_travelling_specs_have_every_field():
    assert set(study_fields) == set(StudySpec.model_fields)


def fitting(fields):
    """The fields without those that have no effect in the mode."""
    if fields["mode"] == "health":
        return fields | {"objective": "total_score"}
    return {name: value for name, value in fields.items() if name not in ("accuracy_weight", "health_weights")}


@given(st.fixed_dictionaries(study_fields).map(fitting))
def test_a_study_spec_is_the_same_after_a_journey_as_json(fields):
    spec = parse_study_spec(fields)
    text = spec.model_dump_json()
    again = parse_study_spec(json.loads(text))
    assert again == spec
    assert again.model_dump_json() == text
    assert parse_study_spec(spec.model_dump()) == spec


health_specs = st.builds(
    HealthSpec,
    accuracy_weight=study_fields["accuracy_weight"],
    weights=weights.map(HealthWeights.model_validate),
    stop=st.booleans(),
)

device_specs = st.builds(
    DeviceSpec,
    gpus=st.none() | st.sampled_from([0, 0.125, 0.25, 0.5, 1, 8]),
    mixed_precision=st.none() | st.booleans(),
    xla=st.none() | st.booleans(),
    steps_per_execution=st.none() | st.integers(1, 100),
)


@st.composite
def trial_specs(draw, most_blocks=4, longest=40, measured=False, sized=False, weighted=False):
    architecture = draw(st.sampled_from(["cnn", "lstm", "auto"]))
    varied = ("sample_percentage", "validation_split", "test_size", "seed", *(("image_size", "image_fit") * sized))
    fields = {name: draw(study_fields[name]) for name in varied}
    name = draw(st.text(NAMES, min_size=longest, max_size=longest))
    epochs = draw(st.integers(100, 10_000))
    blocks = {"conv_layers": most_blocks} if architecture != "lstm" else {}
    spec = StudySpec(dataset=f"/{name}", data_dir=f"/{name}", space=blocks, max_epochs_per_trial=epochs, **fields)
    space = make_space(spec, architecture, draw(st.sampled_from([IMAGES, TEXTS])), {})
    hyperparameters = space.suggest(DrawingSuggester(draw(st.data())))
    return TrialSpec(
        study=name,
        trial_number=draw(st.integers(1, 100_000)),
        data=spec.data,
        architecture=architecture_of("cnn" if architecture == "auto" else architecture, hyperparameters),
        hyperparameters=hyperparameters,
        objective=draw(st.sampled_from(get_args(Objective))),
        epochs=epochs,
        min_epochs=draw(st.integers(1, 100)),
        early_stopping_patience=draw(study_fields["early_stopping_patience"]),
        max_parameters=draw(st.integers(1, 10**9)),
        health=draw(health_specs) if measured else None,
        threads=draw(st.integers(1, 1_024)),
        class_weight=draw(st.sampled_from(["auto", "none"])) if weighted else "none",
        class_scores=weighted and draw(st.booleans()),
        summaries=draw(st.booleans()),
        devices=draw(device_specs),
    )


@given(trial_specs())
def test_a_trial_spec_stays_under_1_kb_whatever_is_suggested(trial):
    assert len(trial.model_dump_json().encode()) < ONE_KB


@given(trial_specs(most_blocks=8, longest=32))
def test_a_trial_spec_stays_under_1_kb_with_all_the_blocks_that_a_user_may_ask_for(trial):
    assert len(trial.model_dump_json().encode()) < ONE_KB


@given(trial_specs(longest=20, sized=True, weighted=True))
def test_with_image_options_and_class_weights_there_is_room_for_shorter_names_and_paths(trial):
    assert len(trial.model_dump_json().encode()) < ONE_KB


def test_a_trial_names_only_image_options_that_the_user_gave():
    """Workers of earlier versions refuse fields that they do not know."""
    plain, sized = trial(), trial().model_copy(update={"data": DataSpec(image_size=(64, 96), image_fit="pad")})
    assert {"image_size", "image_fit"}.isdisjoint(plain.model_dump(mode="json")["data"])
    assert (
        sized.model_dump(mode="json")["data"] | {"image_size": "64x96", "image_fit": "pad"}
        == (sized.model_dump(mode="json")["data"])
    )
    assert TrialSpec.model_validate(sized.model_dump(mode="json")) == sized


@pytest.mark.parametrize(
    ("given_size", "text", "sides"),
    [
        ("auto", "auto", None),
        (96, "96", (96, 96)),
        ("96", "96", (96, 96)),
        ("64x96", "64x96", (64, 96)),
        ("64 X 96", "64x96", (64, 96)),
        ([64, 96], "64x96", (64, 96)),
        ((64, 96), "64x96", (64, 96)),
        (1_024, "1024", (1_024, 1_024)),
    ],
)
def test_an_image_size_is_auto_a_side_or_height_x_width(given_size, text, sides):
    spec = parse_study_spec({"image_size": given_size})
    assert (spec.image_size, spec.image_sides) == (text, sides)
    assert parse_study_spec(spec.model_dump()) == spec


@pytest.mark.parametrize("size", [0, -3, 1.5, 2_000, "x", "64x", "64x96x3", "0x40", [], [64, 96, 3], None, "big"])
def test_other_image_sizes_are_refused(size):
    with pytest.raises(
        FixInputError, match=r"image_size.*must be auto, a number of pixels such as 96, or height x wid"
    ):
        parse_study_spec({"image_size": size})


@given(trial_specs(longest=16, measured=True) | trial_specs(most_blocks=8, longest=8, measured=True))
def test_with_health_there_is_room_for_shorter_names_and_paths(trial):
    """Health takes up to 85 bytes; a trial without it still has the room it had."""
    assert len(trial.model_dump_json().encode()) < ONE_KB


@given(trial_specs())
def test_a_trial_spec_is_the_same_after_a_journey_as_json(trial):
    again = TrialSpec.model_validate(json.loads(trial.model_dump_json()))
    assert again == trial
    assert {name: type(value) for name, value in again.hyperparameters.items()} == {
        name: type(value) for name, value in trial.hyperparameters.items()
    }
    assert TrialSpec.model_validate(trial.model_dump(mode="json")) == trial


def trial(number=1, seed=0, study="a"):
    return TrialSpec(
        study=study,
        trial_number=number,
        data=DataSpec(seed=seed),
        architecture="cnn",
        hyperparameters={},
        objective="val_accuracy",
        epochs=1,
    )


def test_a_trial_is_identified_by_study_and_number():
    assert trial(7, study="mnist").trial_id == "mnist-00007"


def test_every_trial_and_every_study_seed_has_a_seed_of_its_own():
    seeds = {trial(number, seed).seed for number in range(1, 200) for seed in range(20)}
    assert len(seeds) == 199 * 20


def test_a_seed_fits_into_31_bits():
    assert 0 <= trial(100_000, 2**31 - 1).seed < 2**31


def test_the_data_part_of_a_study_decides_alone_which_samples_are_used():
    fields = {"dataset": "mnist", "data_dir": "/data", "sample_percentage": 0.5, "validation_split": 0.1}
    fields |= {"test_size": 0.3, "seed": 7, "image_size": "64x96", "image_fit": "pad"}
    assert set(fields) == set(DataSpec.model_fields)
    assert StudySpec(**fields, trials=3).data == DataSpec(**fields)


def test_constraints_that_contradict_each_other_are_refused():
    with pytest.raises(FixInputError, match=r"no trial can meet both val_accuracy>=0\.9 and val_accuracy<=0\.5"):
        parse_study_spec({"constraints": "val_accuracy>=0.9,val_accuracy<=0.5"})


def test_a_population_cannot_train_on_runpod():
    line = refusal(use_runpod_service=True, scheduler="pbt")
    assert line.startswith("scheduler=pbt copies weights between running trials")
    assert line.count("choose another scheduler, or use_runpod_service=false") == 1


@pytest.mark.parametrize("field", ["trials", "seed", "time_budget_s", "sample_percentage", "max_memory_mb"])
def test_true_is_no_number(field):
    with pytest.raises(FixInputError, match=f"{field}=True: must not be true or false"):
        parse_study_spec({field: True})
