"""The portfolio: configurations known to be good for the kind of data, which a study tries first, the cheapest first.

`portfolio.json` is made by `tests/benchmarks/bench_portfolio.py`, which says how its members are chosen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tuner.data import ImageInput, TextInput
from tuner.events import Scalar
from tuner.search.parameter import Hyperparameters
from tuner.search.space import Space
from tuner.search.warm_start import ARCHITECTURE, LEARNERS, adapted
from tuner.spec import StudySpec
from tuner.trial_spec import SearchedArchitecture

TABLE = Path(__file__).with_name("portfolio.json")

ANOTHER_TABLE = "TUNER_PORTFOLIO"
"""Environment variable with the path of another table, such as one that was chosen without the data being measured."""

KINDS = (ARCHITECTURE, "block")
"""Parameters that make another network: a member is not adapted to a space without its value of these."""

OF_OPTIMIZER = ("learning_rate", "momentum", "weight_decay")
"""Parameters whose good values depend on the optimizer."""


def portfolio(
    spec: StudySpec, space: Space, architecture: SearchedArchitecture, data_input: ImageInput | TextInput
) -> tuple[Hyperparameters, ...]:
    """The configurations, by key, that a study tries first; absent parameters are suggested by the sampler.

    Values outside a narrowed space are moved into it, and beliefs replace values. Half of the trials at most are of the
    portfolio; with searchers that learn from no other trials (random, grid, nsga2), and for own models, none.
    """
    if spec.searcher not in LEARNERS or architecture == "own":
        return ()
    members = []
    for member in _table()["images" if isinstance(data_input, ImageInput) else "texts"]:
        configuration = _fitted(spec, space, architecture, member)
        if configuration and configuration not in members:
            members.append(configuration)
    return tuple(members[: max(1, spec.trials // 2)])


def _fitted(
    spec: StudySpec, space: Space, architecture: SearchedArchitecture, member: Mapping[str, Scalar]
) -> Hyperparameters | None:
    """A member in this space, by key; None if the study searches no network of its kind."""
    values = _with_beliefs(spec, member)
    searched = {parameter.name for parameter in space.parameters}
    if ARCHITECTURE in values and ARCHITECTURE not in searched:
        if values.pop(ARCHITECTURE) != architecture:
            return None
    elif ARCHITECTURE not in values and architecture not in ("cnn", "auto"):
        return None
    for name in KINDS:
        parameters = [parameter for parameter in space.parameters if parameter.name == name]
        if name in values and not all(parameter.holds(values[name]) for parameter in parameters):
            return None
    return adapted(space, values)


def _with_beliefs(spec: StudySpec, member: Mapping[str, Scalar]) -> Hyperparameters:
    """The member with the user's beliefs in place of its values."""
    beliefs = {
        name: override.prior
        for name, override in spec.space.items()
        if override.prior is not None and name in member and name not in KINDS
    }
    values = {**member, **beliefs}
    if values.get("optimizer") != member.get("optimizer"):
        values = {name: value for name, value in values.items() if name not in OF_OPTIMIZER or name in beliefs}
    return values


@cache
def _table() -> Mapping[str, list[dict[str, Scalar]]]:
    path = Path(os.environ.get(ANOTHER_TABLE, TABLE))
    table: dict[str, list[dict[str, Scalar]]] = json.loads(path.read_text())
    return table
