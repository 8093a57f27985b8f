"""The search space: which hyperparameters exist, between which bounds, and how a user narrows them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.search.samples import IMAGES, TEXTS, DrawingSuggester, RandomSuggester, narrowed, space
from tuner.data import ImageInput, TextInput
from tuner.errors import FixInputError
from tuner.models import estimate
from tuner.search.space import make_space
from tuner.spec import StudySpec

KINDS = [("cnn", IMAGES), ("cnn", TEXTS), ("lstm", IMAGES), ("lstm", TEXTS)]
kinds = st.sampled_from(KINDS)


def parameters(of, name):
    return [parameter for parameter in of.parameters if parameter.name == name]


def only(of, name):
    (parameter,) = parameters(of, name)
    return parameter


# --- conditional parameters ---


@given(st.data(), kinds)
def test_a_parameter_exists_only_where_it_means_something(data, kind):
    dense_or_not = narrowed(dense_layers="0..2")
    hp = space(*kind, space=dense_or_not).suggest(DrawingSuggester(data))
    assert ("momentum" in hp) == (hp["optimizer"] == "sgd")
    assert ("weight_decay" in hp) == (hp["optimizer"] in ("adamw", "sgd"))
    assert ("block" in hp) == ("augmentation" in hp) == (kind == ("cnn", IMAGES)) or kind[0] != "cnn"
    assert ("block_layers" in hp) == (hp.get("block") == "plain")
    assert ("augment_shift" in hp) == ("augment_flip" in hp) == hp.get("augmentation", False)
    assert ("first_dense_nodes" in hp) == (hp["dense_layers"] > 0)
    blocks = hp.get("conv_layers", 0)
    assert {name for name in hp if name.startswith("filters_")} == {f"filters_{i}" for i in range(1, blocks + 1)}
    assert "learning_rate" in hp
    assert ("vocabulary_size" in hp) == ("embedding_size" in hp) == (kind[1] is TEXTS)
    assert ("lstm_units" in hp) == (kind[0] == "lstm")


@given(st.data(), kinds)
def test_every_value_lies_within_its_bounds_and_has_its_type(data, kind):
    chosen = space(*kind)
    hp = chosen.suggest(DrawingSuggester(data))
    for parameter in chosen.parameters:
        if not parameter.when(hp):
            continue
        value = hp[parameter.name]
        if parameter.choices is not None:
            assert value in parameter.choices
        else:
            assert parameter.low <= value <= parameter.high
            assert type(value) is (int if parameter.integer else float)


@pytest.mark.parametrize(("architecture", "data_input"), KINDS)
def test_what_exists_and_what_it_lies_between_holds_for_thousands_of_draws(architecture, data_input):
    chosen = space(architecture, data_input)
    seen = {"learning_rate": set(), "optimizer": set()}
    for seed in range(2_000):
        hp = chosen.suggest(RandomSuggester(seed))
        assert {p.name for p in chosen.parameters if p.when(hp)} == set(hp)
        seen["optimizer"].add(hp["optimizer"])
        for parameter in chosen.parameters:
            if parameter.when(hp) and parameter.choices is None:
                assert parameter.low <= hp[parameter.name] <= parameter.high
    assert seen["optimizer"] == {"adam", "adamw", "rmsprop", "sgd"}


@pytest.mark.parametrize(("architecture", "data_input"), KINDS)
def test_every_parameter_says_what_it_means(architecture, data_input):
    assert all(len(parameter.meaning) > 5 for parameter in space(architecture, data_input).parameters)


@pytest.mark.parametrize(("architecture", "data_input"), KINDS)
def test_samplers_tell_all_parameters_apart(architecture, data_input):
    keys = [parameter.key for parameter in space(architecture, data_input).parameters]
    assert len(set(keys)) == len(keys)


# --- bounds ---


@pytest.mark.parametrize(
    ("architecture", "name", "shown"),
    [
        ("cnn", "conv_layers", "1..4"),
        ("cnn", "filters_1", "16..256 (log)"),
        ("cnn", "filters_4", "16..256 (log)"),
        ("cnn", "kernel_size", "3, 5"),
        ("cnn", "batch_normalization", "True, False"),
        ("cnn", "use_global_pooling", "True, False"),
        ("cnn", "activation", "relu, leaky_relu, swish"),
        ("cnn", "initializer", "he_normal, glorot_uniform"),
        ("cnn", "dense_layers", "0..4"),
        ("cnn", "first_dense_nodes", "64..1024 (log)"),
        ("cnn", "dropout", "0..0.5"),
        ("cnn", "batch_size", "32..256 (log)"),
        ("cnn", "optimizer", "adam, adamw, rmsprop, sgd"),
        ("cnn", "epochs", "10"),
        ("lstm", "embedding_size", "32..512 (log)"),
        ("lstm", "vocabulary_size", "5000..20000 (log)"),
        ("lstm", "sequence_length", "32..256 (log)"),
        ("lstm", "lstm_layers", "1..2"),
        ("lstm", "lstm_units", "32..256 (log)"),
        ("lstm", "bidirectional", "True, False"),
        ("lstm", "dense_layers", "0..4"),
        ("lstm", "batch_size", "32..256 (log)"),
    ],
)
def test_the_space_without_overrides(architecture, name, shown):
    assert str(only(space(architecture, TEXTS if architecture == "lstm" else IMAGES), name)) == shown


@pytest.mark.parametrize(
    ("optimizer", "shown"),
    [
        ("adam", "0.0001..0.01 (log)"),
        ("adamw", "0.0001..0.01 (log)"),
        ("rmsprop", "0.0001..0.005 (log)"),
        ("sgd", "0.001..0.3 (log)"),
    ],
)
def test_every_optimizer_has_one_logarithmic_learning_rate_that_suits_it(optimizer, shown):
    (rate,) = [p for p in parameters(space(), "learning_rate") if p.when({"optimizer": optimizer})]
    assert str(rate) == shown


def test_the_vocabulary_is_no_larger_than_the_data_have_words():
    few = TextInput("strings", tuple("abcdefgh"), max_length=5)
    hp = space("lstm", few).suggest(RandomSuggester(0))
    assert hp["vocabulary_size"] == 10  # eight words, padding and unknown
    assert hp["sequence_length"] == 5
    some = TextInput("strings", tuple(map(str, range(7_998))), max_length=100)
    assert str(only(space("lstm", some), "vocabulary_size")) == "5000..8000 (log)"
    assert str(only(space("lstm", some), "sequence_length")) == "32..100 (log)"


# --- overrides ---


@pytest.mark.parametrize(
    ("side", "shown"), [(28, "32..256 (log)"), (64, "32..256 (log)"), (128, "32..64 (log)"), (512, "32")]
)
def test_large_images_come_in_smaller_batches(side, shown):
    large = ImageInput(side, side, 3, 1 / 255, 0.0)
    assert str(only(space("cnn", large), "batch_size")) == shown
    assert str(only(space("cnn", large, space={"batch_size": "1..4096"}), "batch_size")) == "1..4096 (log)"


def test_most_networks_for_images_of_128_pixels_fit_into_memory():
    large = ImageInput(128, 128, 3, 1 / 255, 0.0)
    costs = [estimate("cnn", values, large, 2) for values in space("cnn", large).samples(200)]
    fitting = [cost.memory_bytes <= 4_096 * 2**20 and cost.parameters <= 50_000_000 for cost in costs]
    assert sum(fitting) > 100


def test_a_fixed_parameter_is_not_asked_of_the_sampler():
    class Unwilling(RandomSuggester):
        def suggest_categorical(self, name, choices):
            assert name not in ("activation", "optimizer")
            return super().suggest_categorical(name, choices)

        def suggest_int(self, name, low, high, *, log=False):
            assert name not in ("conv_layers", "filters_1")
            return super().suggest_int(name, low, high, log=log)

        def suggest_float(self, name, low, high, *, log=False):
            assert name not in ("dropout", "learning_rate_sgd")
            return super().suggest_float(name, low, high, log=log)

    fixed = {"activation": "swish", "optimizer": "sgd", "conv_layers": 1, "filters_1": 7, "dropout": 0}
    fixed["learning_rate"] = 0.25
    hp = space(space=narrowed(**fixed)).suggest(Unwilling(0))
    assert {name: hp[name] for name in fixed} == fixed
    assert type(hp["filters_1"]) is int
    assert type(hp["dropout"]) is float


@pytest.mark.parametrize(
    ("name", "override", "shown"),
    [
        ("first_dense_nodes", "32..64", "32..64 (log)"),
        ("first_dense_nodes", [32, 64], "32, 64"),
        ("first_dense_nodes", [32, 64, 96], "32, 64, 96"),
        ("first_dense_nodes", {"low": 100}, "100..1024 (log)"),
        ("first_dense_nodes", {"high": 100}, "64..100 (log)"),
        ("first_dense_nodes", {"log": False}, "64..1024"),
        ("dropout", {"low": 0.1, "log": True}, "0.1..0.5 (log)"),
        ("activation", ["gelu", "tanh"], "gelu, tanh"),
        ("activation", ["relu", "relu"], "relu"),
        ("kernel_size", "3..9", "3, 5, 7, 9"),
        ("kernel_size", [3, 9], "3, 9"),
        ("kernel_size", {"low": 5}, "5, 7, 9"),
        ("kernel_size", [1], "1"),
        ("batch_normalization", False, "False"),
        ("initializer", "lecun_normal", "lecun_normal"),
        ("conv_layers", 8, "8"),
        ("batch_size", "1..1024", "1..1024 (log)"),
    ],
)
def test_an_override_replaces_bounds_choices_or_scale(name, override, shown):
    assert str(only(space(space=narrowed(**{name: override})), name)) == shown


def test_an_override_of_the_learning_rate_holds_for_every_optimizer():
    rates = parameters(space(space=narrowed(learning_rate="0.002..0.003")), "learning_rate")
    assert [str(rate) for rate in rates] == ["0.002..0.003 (log)"] * 3


def test_epochs_may_be_searched_below_the_most_that_a_trial_trains():
    searched = space(max_epochs_per_trial=20, min_epochs_per_trial=3, space=narrowed(epochs="5..20"))
    assert str(only(searched, "epochs")) == "5..20"


def test_the_field_activation_is_the_same_as_its_override():
    assert str(only(space(activation="elu"), "activation")) == "elu"


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ({"learning_rat": 1}, "space.learning_rat: no such parameter here - did you mean 'learning_rate'?"),
        ({"lstm_units": 8}, "space.lstm_units: no such parameter here - known are: "),
        ({"activation": "relo"}, "space.activation='relo' is not one of its choices - did you mean 'relu'?"),
        (
            {"activation": [1, 2]},
            "space.activation=1 is not one of its choices - known are: elu, gelu, leaky_relu, ",
        ),
        ({"activation": {"log": True}}, "space.activation is not one of its choices - known are: "),
        ({"kernel_size": 4}, "space.kernel_size=4 is not one of its choices - known are: "),
        ({"kernel_size": "10..12"}, "space.kernel_size is not one of its choices - known are: 1, 2, 3, 5, 7, 9"),
        ({"batch_normalization": 1}, "space.batch_normalization=1 is not one of its choices - known are: "),
        ({"batch_size": 0}, "space.batch_size=0 is out of range - write a whole number from 1 to 65536"),
        (
            {"batch_size": [32, 100_000]},
            "space.batch_size=100000 is out of range - write a whole number from 1 to 65536; a "
            "list names choices, a range is written 32..100000",
        ),
        ({"batch_size": 32.5}, "space.batch_size=32.5 is not a whole number - write a whole number from 1 to 65536"),
        (
            {"batch_size": "many"},
            "space.batch_size='many' is not a number - write a whole number from 1 to 65536, or a range such as ",
        ),
        (
            {"batch_size": True},
            "space.batch_size=True is not a number - write a whole number from 1 to 65536, or a range such as ",
        ),
        ({"batch_size": {"low": 300}}, "space.batch_size: low 300 is above high 256 - swap or widen the bounds"),
        ({"dropout": 1.0}, "space.dropout=1 is out of range - write a number from 0 to 0.95"),
        ({"dropout": {"log": True}}, "space.dropout: a logarithmic range cannot start at 0 - start above 0"),
        ({"learning_rate": "0.0..0.1"}, "space.learning_rate=0 is out of range - write a number from 1e-07 to 10"),
        ({"epochs": 11}, "space.epochs=11 is out of range - write a whole number from 1 to 10"),
        ({"conv_layers": 9}, "space.conv_layers=9 is out of range - write a whole number from 1 to 8"),
    ],
)
def test_an_override_that_does_not_fit_is_refused_in_one_line_that_names_it(override, line):
    with pytest.raises(FixInputError) as caught:
        space(space=narrowed(**override))
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_a_vocabulary_beyond_the_data_is_refused():
    few = TextInput("strings", tuple("abcdefgh"), max_length=5)
    with pytest.raises(
        FixInputError, match=r"^space.vocabulary_size=11 is out of range - write a whole number from 3 to 10$"
    ):
        space("lstm", few, space=narrowed(vocabulary_size=11))


# --- an own model's space ---


def own(values, data_input=IMAGES, **fields):
    return make_space(StudySpec(run_name="a", **fields), "own", data_input, values)


def test_an_own_space_is_searched_beside_what_every_training_needs():
    values = {"units": "16..256", "rate": "0.0..0.5", "kind": ["a", "b"], "flag": True}
    values["width"] = {"low": 1, "high": 64, "log": True}
    chosen = own(values)
    assert {name: str(only(chosen, name)) for name in values} == {
        "units": "16..256",
        "rate": "0..0.5",
        "kind": "a, b",
        "flag": "True",
        "width": "1..64 (log)",
    }
    hp = chosen.suggest(RandomSuggester(0))
    assert type(hp["units"]) is int
    assert type(hp["rate"]) is float
    assert {"optimizer", "learning_rate", "batch_size", "epochs"} <= set(hp)
    assert "dropout" not in hp


def test_an_own_space_on_texts_has_tokens_too():
    hp = own({}, TEXTS).suggest(RandomSuggester(0))
    assert {"vocabulary_size", "sequence_length"} <= set(hp)
    assert "embedding_size" not in hp


def test_the_users_override_goes_before_the_own_space():
    assert str(only(own({"units": "16..256"}, space=narrowed(units="32..64")), "units")) == "32..64"


def test_an_own_space_may_narrow_what_every_network_has():
    chosen = own({"batch_size": "16..64", "learning_rate": 0.01, "units": 3})
    assert str(only(chosen, "batch_size")) == "16..64 (log)"
    assert {str(rate) for rate in parameters(chosen, "learning_rate")} == {"0.01"}
    assert str(only(own({"batch_size": "16..64"}, space=narrowed(batch_size=8)), "batch_size")) == "8"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"units": []}, "the own model's space['units']=[]: must name at least one value - write a value, a list"),
        ({"units": "256..16"}, "the own model's space['units']='256..16': low 256 is above high 16 - "),
        (
            {"units": object},
            "the own model's space['units']=<class 'object'>: must be a value, a list of choices, or a",
        ),
        ({"units": {"values": [1]}}, "the own model's space['units']={'values': [1]}: unknown key - write a value, a "),
        (
            {"units": "16-256"},
            "the own model's space['units']='16-256' is neither a number nor a range - write a value",
        ),
        ({"units": "[16, 32]"}, "the own model's space['units']='[16, 32]' is neither a number nor a range - write a "),
        ({3: 4}, "the own model's space[3]: a name must be a text - such as space = {"),
        ({"units": {"low": 3}}, "the own model's space['units'] lacks low or high - give both"),
        ({"units": {"low": 0, "high": 9, "log": True}}, "space.units: a logarithmic range cannot start at 0 - "),
    ],
)
def test_a_wrong_own_space_is_refused_in_one_line_that_names_it(values, line):
    with pytest.raises(FixInputError) as caught:
        own(values)
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_an_own_space_lists_any_objects_and_what_counts_as_a_list():
    values = {"fixed": None, "kernel": [(3, 3), (5, 5)], "norm": [None, "batch"], "depth": range(1, 5)}
    values |= {"units": range(16, 65, 16), "rate": np.array([0.0, 0.25])}
    chosen = own(values)
    assert {name: str(only(chosen, name)) for name in values} == {
        "fixed": "none",
        "kernel": "[3, 3], [5, 5]",
        "norm": "none, batch",
        "depth": "1..4",
        "units": "16, 32, 48, 64",
        "rate": "0.0, 0.25",
    }
    assert str(only(own(values, space=narrowed(kernel=[[3, 3]], norm="none")), "kernel")) == "[3, 3]"


def test_an_override_outside_the_own_space_is_refused():
    with pytest.raises(FixInputError, match=r"^space.units=512 is out of range - write a whole number from 16 to 256$"):
        own({"units": "16..256"}, space=narrowed(units=512))


# --- beliefs ---


def ranges(of):
    return {parameter.key: str(parameter) for parameter in of.parameters}


def test_a_belief_alone_narrows_nothing():
    assert ranges(space(space=narrowed(learning_rate={"prior": 1e-3}, optimizer={"prior": "sgd"}))) == ranges(space())


def test_a_belief_may_be_about_one_variant_alone():
    assert ranges(space(space=narrowed(learning_rate={"prior": 0.2}))) == ranges(space()), "only sgd's goes that high"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            {"learning_rate": {"prior": 3.0}},
            "space.learning_rate.prior=3.0 is not one of its values - choose from 0.0001..0.01",
        ),
        (
            {"optimizer": {"prior": "lion"}},
            "space.optimizer.prior='lion' is not one of its values - choose from adam, adamw",
        ),
        ({"dropout": {"low": 0.2, "high": 0.3, "prior": 0.1}}, "space.dropout.prior=0.1 is not one of its values"),
        ({"dropout": {"prior": "much"}}, "space.dropout.prior='much' is not one of its values"),
    ],
)
def test_a_belief_in_what_cannot_be_is_refused(overrides, said):
    with pytest.raises(FixInputError, match=said):
        space(space=narrowed(**overrides))
