"""The search space: which hyperparameters a network of each kind has, between which bounds, and when they exist.

A `Space` is a list of `Parameter`s in the order in which they are suggested. A parameter exists only where it means
something (`when`), judged by the values suggested before it. The user's overrides narrow or fix parameters; the
bounds named `limits` are the widest an override may ask for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any

from pydantic import ValidationError

from tuner.data import FIRST_WORD, ImageInput, TextInput
from tuner.errors import FixInputError, nearest, shortened
from tuner.events import Scalar
from tuner.search.parameter import Condition, Hyperparameters, Parameter, Suggester, range_hint
from tuner.spec import ArchitectureName, StudySpec
from tuner.spec_parts import NUMBER, ParameterOverride, allowed


@dataclass(frozen=True)
class Space:
    """All parameters of one study, ready to suggest."""

    parameters: tuple[Parameter, ...]

    def suggest(self, trial: Suggester) -> Hyperparameters:
        """Returns a configuration from the trial's sampler."""
        return self.choose(lambda parameter: parameter.suggest(trial))

    def choose(self, pick: Callable[[Parameter], Scalar]) -> Hyperparameters:
        """Returns a configuration. `pick` returns the value of each parameter that exists in it and can vary."""
        values: Hyperparameters = {}
        for parameter in self.parameters:
            if parameter.when(values):
                only = parameter.only_value
                values[parameter.name] = parameter.rounded(pick(parameter)) if only is None else only
        return values

    def varied(self) -> dict[Parameter, bool]:
        """The parameters that vary, in order, and whether all of many random configurations have them."""
        times: Counter[str] = Counter()

        def pick(parameter: Parameter, rng: Random) -> Scalar:
            times[parameter.key] += 1
            return parameter.drawn(rng)

        for seed in range(LOOKS):
            self.choose(partial(pick, rng=Random(seed)))
        return {parameter: times[parameter.key] == LOOKS for parameter in self.parameters if times[parameter.key]}

    def samples(self, count: int) -> list[Hyperparameters]:
        """Returns random configurations, the same ones for the same space."""
        return [self.choose(partial(Parameter.drawn, rng=Random(seed))) for seed in range(count)]

    def named(self, name: str) -> Parameter:
        """Return the parameter with this name; if there are several variants, a parameter that spans all of them."""
        variants = [parameter for parameter in self.parameters if parameter.name == name]
        first = variants[0]
        if first.choices is not None:
            return first
        lows, highs = zip(*(one.bounds for one in variants), strict=True)
        return replace(first, low=min(lows), high=max(highs))

    def narrowed(self, overrides: Mapping[str, ParameterOverride]) -> Space:
        """This space as the user wants it.

        Raises:
            FixInputError: an unknown parameter, or an override that does not fit.
        """
        names = {parameter.name for parameter in self.parameters}
        for name in overrides:
            if name not in names:
                raise FixInputError(f"space.{name}: no such parameter here", remedy=nearest(name, names))
        narrowed = Space(tuple(p.narrowed(overrides[p.name]) if p.name in overrides else p for p in self.parameters))
        for name, override in overrides.items():
            variants = [parameter for parameter in narrowed.parameters if parameter.name == name]
            if override.prior is not None and not any(parameter.holds(override.prior) for parameter in variants):
                values = " or ".join(dict.fromkeys(map(str, variants)))
                raise FixInputError(
                    f"space.{name}.prior={override.prior!r} is not one of its values",
                    remedy=f"choose from {values}{range_hint(override)}",
                )
        return narrowed


LOOKS = 256
"""Number of configurations from which `Space.varied` concludes."""


def make_space(
    spec: StudySpec, architecture: ArchitectureName, data_input: ImageInput | TextInput, own: Mapping[str, Any]
) -> Space:
    """The space of a study: the defaults for this kind of network and data, then the user's overrides.

    `own` is the space of an own model's module, which may also narrow what every network has, such as batch_size.

    Raises:
        FixInputError: an override does not fit.
    """
    parameters = _text(data_input, architecture) if isinstance(data_input, TextInput) else []
    if architecture == "cnn":
        parameters += _CNN + _DENSE
    elif architecture == "lstm":
        parameters += _LSTM + _DENSE
    parameters += _training(spec, data_input)
    ready_made = {parameter.name for parameter in parameters}
    forms = {name: _own_form(name, value) for name, value in own.items()}
    new = [_own(name, form) for name, form in forms.items() if name not in ready_made]
    space = Space((*new, *parameters)).narrowed({name: forms[name] for name in forms if name in ready_made})
    overrides = dict(spec.space)
    if spec.activation != "auto":
        overrides["activation"] = ParameterOverride(choices=(spec.activation,))
    return space.narrowed(overrides)


def variants(hyperparameters: Mapping[str, Scalar]) -> dict[str, str]:
    """The keys of those of a trial's hyperparameters that are a variant of their name (see `Parameter`), by name."""
    if "optimizer" not in hyperparameters:
        return {}
    return {
        parameter.name: parameter.key
        for parameter in _training(StudySpec(), None)
        if parameter.key != parameter.name and parameter.name in hyperparameters and parameter.when(hyperparameters)
    }


ACTIVATIONS = ("relu", "leaky_relu", "swish")
MOST_BLOCKS = 8


def _more_blocks(than: int) -> Condition:
    return lambda hp: int(hp["conv_layers"]) > than


_size = partial(Parameter, integer=True, log=True)
"""Makes a parameter that is a whole number, searched on a logarithmic scale."""

_CNN = [
    Parameter("conv_layers", "convolution blocks", 1, 4, integer=True, limits=(1, MOST_BLOCKS)),
    *(
        _size(
            f"filters_{block}",
            "filters of the convolution block with this number",
            16,
            256,
            limits=(1, 4096),
            when=_more_blocks(block - 1),
        )
        for block in range(1, MOST_BLOCKS + 1)
    ),
    Parameter("kernel_size", "side of a filter, in pixels or words", choices=(3, 5), allowed=(1, 2, 3, 5, 7, 9)),
    Parameter("batch_normalization", "normalise after each convolution", choices=(True, False)),
    Parameter("use_global_pooling", "average over positions instead of flattening", choices=(True, False)),
]

_LSTM = [
    Parameter("lstm_layers", "LSTM layers", 1, 2, integer=True, limits=(1, 8)),
    _size("lstm_units", "units of each LSTM layer", 32, 256, limits=(1, 4096)),
    Parameter("bidirectional", "read forwards and backwards", choices=(True, False)),
]

_DENSE = [
    Parameter("dense_layers", "hidden dense layers", 1, 4, integer=True, limits=(0, 16)),
    _size(
        "first_dense_nodes",
        "units of the first dense layer; each further one has half",
        64,
        1024,
        limits=(1, 16_384),
        when=lambda hp: int(hp["dense_layers"]) > 0,
    ),
    Parameter(
        "activation",
        "of all hidden layers",
        choices=ACTIVATIONS,
        allowed=(*ACTIVATIONS, "elu", "gelu", "tanh", "sigmoid"),
    ),
    Parameter(
        "initializer",
        "of convolution and dense weights",
        choices=("he_normal", "glorot_uniform"),
        allowed=("he_normal", "he_uniform", "glorot_normal", "glorot_uniform", "lecun_normal"),
    ),
    Parameter("dropout", "share of units left out before each dense layer", 0.0, 0.5, limits=(0.0, 0.95)),
]


def _text(data_input: TextInput, architecture: ArchitectureName) -> list[Parameter]:
    words = len(data_input.vocabulary) + FIRST_WORD
    longest = data_input.max_length
    vocabulary = "number of different words that are known: the most frequent ones"
    length = "words of a text that are read, from its beginning"
    parameters = [
        _size("vocabulary_size", vocabulary, min(5_000, words), min(20_000, words), limits=(FIRST_WORD + 1, words)),
        _size("sequence_length", length, min(32, longest), min(256, longest), limits=(1, longest)),
    ]
    if architecture != "own":
        parameters.append(_size("embedding_size", "numbers that stand for a word", 32, 512, limits=(1, 4096)))
    return parameters


LARGEST_BATCH, SMALLEST_BATCH = 256, 32
_PIXELS_OF_LARGEST_BATCH = LARGEST_BATCH * 64 * 64


def _largest_batch(data_input: ImageInput | TextInput | None) -> int:
    """The most samples per step: of images above 64 x 64 pixels fewer, or most networks would need too much memory."""
    if not isinstance(data_input, ImageInput):
        return LARGEST_BATCH
    fitting = _PIXELS_OF_LARGEST_BATCH // (data_input.height * data_input.width)
    return min(max(fitting, SMALLEST_BATCH), LARGEST_BATCH)


def _training(spec: StudySpec, data_input: ImageInput | TextInput | None) -> list[Parameter]:
    def uses(*optimizers: str) -> Condition:
        return lambda hp: hp["optimizer"] in optimizers

    real = partial(Parameter, log=True)
    rate = partial(real, "learning_rate", "step size of the optimizer", limits=(1e-7, 10.0))
    most = spec.max_epochs_per_trial
    limits = (spec.min_epochs_per_trial, most)
    return [
        Parameter("optimizer", "rule that turns gradients into steps", choices=("adam", "adamw", "rmsprop", "sgd")),
        rate(1e-4, 1e-2, when=uses("adam", "adamw")),
        rate(1e-4, 5e-3, when=uses("rmsprop"), key="learning_rate_rmsprop"),
        rate(1e-3, 3e-1, when=uses("sgd"), key="learning_rate_sgd"),
        Parameter(
            "momentum",
            "share of the previous step that is added to the next one",
            0.5,
            0.99,
            limits=(0.0, 0.999),
            when=uses("sgd"),
        ),
        real(
            "weight_decay", "strength that pulls weights towards 0", 1e-5, 1e-1, limits=(0.0, 1.0), when=uses("adamw")
        ),
        _size("batch_size", "samples per step", SMALLEST_BATCH, _largest_batch(data_input), limits=(1, 65_536)),
        Parameter("epochs", "passes over the training data, at most", most, most, integer=True, limits=limits),
    ]


_MEANT_AS_SEVERAL = re.compile(rf"[\[(]?\s*{NUMBER}(\s*(?:\.\.\.|[-,;: ])\s*{NUMBER})+\s*[\])]?")
"""A text such as "16-256" or "16, 32": one fixed value as it is written, but hardly meant so."""
_FORMS = 'write a value, a list of choices such as [16, 32], or a range such as "16..256"'


def _own_form(name: Any, value: Any) -> ParameterOverride:
    shown = f"the own model's space[{name!r}]"
    if not isinstance(name, str):
        raise FixInputError(f"{shown}: a name must be a text", remedy='such as space = {"units": "16..256"}')
    if isinstance(value, str) and _MEANT_AS_SEVERAL.fullmatch(value):
        raise FixInputError(f"{shown}={value!r} is neither a number nor a range", remedy=_FORMS)
    try:
        # None alone is a fixed value here.
        return ParameterOverride.model_validate([None] if value is None else value)
    except ValidationError as error:
        reasons = "; ".join(dict.fromkeys(allowed(problem) for problem in error.errors()))
        kind = "" if type(value).__module__ == "builtins" else f" ({type(value).__module__})"
        raise FixInputError(f"{shown}={shortened(repr(value), 60)}{kind}: {reasons}", remedy=_FORMS) from None


def _own(name: str, form: ParameterOverride) -> Parameter:
    if form.choices is not None:
        return Parameter(name, "of the own model", choices=form.choices)
    low, high = form.low, form.high
    if low is None or high is None:
        raise FixInputError(f"the own model's space[{name!r}] lacks low or high", remedy="give both")
    whole = isinstance(low, int) and isinstance(high, int)
    return Parameter(name, "of the own model", low, high, integer=whole).narrowed(form)
