"""Limits that no network of the space can meet are found before the search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tuner.errors import FixInputError
from tuner.settings import Settings
from tuner.spec import parse_study_spec
from tuner.study.plan import make_plan


def plan(**fields: Any) -> None:
    make_plan(parse_study_spec({"run_name": "a", "dataset": "digits"} | fields), Settings(results_dir=Path("r")))


@pytest.mark.parametrize(
    ("fields", "field", "of"),
    [
        ({"max_parameters": 10}, "max_parameters=10", "the smallest network of the search space has "),
        ({"constraints": "parameter_count<=10"}, "constraint parameter_count<=10", "the smallest network"),
        ({"constraints": "parameter_count>=1e12"}, "constraint parameter_count>=1e+12", "the largest network"),
        ({"max_memory_mb": 1, "space": {"batch_size": 4096}}, "max_memory_mb=1", "each network of the search space"),
    ],
)
def test_a_limit_that_excludes_every_network_is_refused_with_the_limit_of_the_space(fields, field, of) -> None:
    with pytest.raises(FixInputError) as refused:
        plan(**fields)
    assert str(refused.value).startswith(f"{field}: {of}")


def test_the_remedy_of_a_refused_limit_is_accepted() -> None:
    with pytest.raises(FixInputError) as refused:
        plan(max_parameters=10)
    allowed = int(refused.value.remedy.removeprefix("allow at least ").split(",")[0])
    plan(max_parameters=allowed)
    with pytest.raises(FixInputError):
        plan(max_parameters=allowed - 1)
