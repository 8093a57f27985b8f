"""The command that the dashboard shows starts the study that its form would start.

The dashboard's own tests (`specCommand.test.ts`) hold the other half: these are the arguments that it writes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import serve_app
from tuner.console.arguments import read_spec
from tuner.search.options import options_json
from tuner.spec import parse_study_spec

MODEL = Path(serve_app.__file__).parent / "dashboard/src/model"
CASES: list[dict[str, Any]] = json.loads((MODEL / "specCommand.cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case["arguments"])[:60])
def test_the_command_line_reads_the_same_study(case: dict[str, Any]) -> None:
    assert read_spec(case["arguments"]) == parse_study_spec(case["spec"])


def test_the_fields_of_the_forms_tests_are_those_of_the_server() -> None:
    sample = json.loads((MODEL / "specSample.json").read_text(encoding="utf-8"))
    now = {option["name"]: option for option in options_json()["fields"]}
    assert sample == [now[option["name"]] for option in sample]
