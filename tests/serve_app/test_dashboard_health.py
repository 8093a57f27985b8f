"""The health of layers by epoch that the dashboard calculates is that of `tuner.health`.

The dashboard's own tests (`epochHealth.test.ts`) hold the other half: these are the values that it finds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import serve_app
from tuner.events import LayerHealth
from tuner.health.metrics import layer_health

CASES: list[dict[str, Any]] = json.loads(
    (Path(serve_app.__file__).parent / "dashboard/src/model/epochHealth.cases.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_the_dashboard_finds_the_health_of_the_server(case: dict[str, Any]) -> None:
    assert layer_health([LayerHealth(**layer) for layer in case["layers"]]) == pytest.approx(case["health"])
