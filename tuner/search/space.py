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

from tuner.bounds import MOST_PARAMETERS
from tuner.data import ImageInput, TextInput
from tuner.errors import FixInputError, nearest, shortened
from tuner.events import Scalar
from tuner.search.default_space import network_parameters, training_parameters
from tuner.search.parameter import Hyperparameters, Parameter, Suggester, range_hint
from tuner.spec import StudySpec
from tuner.spec_parts import NUMBER, ParameterOverride, allowed
from tuner.trial_spec import SearchedArchitecture


@dataclass(frozen=True)
class Space:
    """All parameters of one study, ready to suggest."""

    parameters: tuple[Parameter, ...]

    def suggest(self, trial: Suggester) -> Hyperparameters:
        """Returns a configuration from the trial's sampler."""
        return self.choose(lambda parameter: parameter.suggest(trial))

    def choose(self, pick: Callable[[Parameter], Scalar], values: Hyperparameters | None = None) -> Hyperparameters:
        """Returns a configuration. `pick` returns the value of each parameter that exists in it and can vary.

        Args:
            values: An empty dictionary to be filled, which may watch what is read.
        """
        values = {} if values is None else values
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
    spec: StudySpec, architecture: SearchedArchitecture, data_input: ImageInput | TextInput, own: Mapping[str, Any]
) -> Space:
    """The space of a study: the defaults for this kind of network and data, then the user's overrides.

    `own` is the space of an own model's module, which may also narrow what every network has, such as batch_size.

    Raises:
        FixInputError: an override does not fit.
    """
    parameters = network_parameters(architecture, data_input) + training_parameters(spec, data_input)
    ready_made = {parameter.name for parameter in parameters}
    if len(own) > MOST_PARAMETERS:
        raise FixInputError(
            f"the own model's space has {len(own):,} parameters", remedy=f"use at most {MOST_PARAMETERS}"
        )
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
    searched = training_parameters(StudySpec(), None)
    if "architecture" in hyperparameters:
        searched += network_parameters("auto", TextInput("strings", (), max_length=1))
    return {
        parameter.name: parameter.key
        for parameter in searched
        if parameter.key != parameter.name and parameter.name in hyperparameters and parameter.when(hyperparameters)
    }


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
