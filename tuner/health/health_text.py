"""Formats health for people, in the same way everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from tuner.events import HealthMetrics, LayerHealth
from tuner.health.units import live_share
from tuner.spec_parts import HealthWeights

METRICS = tuple(HealthWeights.model_fields)
"""Names of the six metrics in display order."""

MARK = "~"
"""Marks a value that was measured with too few epochs."""

TOO_FEW_EPOCHS = "too few epochs: counts as 0.5"
"""The meaning of a metric's mark."""

REDUCED_TEXT = "The health is reduced, because the loss is less than a tenth below that of guessing."
"""The meaning of a reduced health: see `tuner.health.metrics.learned_share`."""


def metric_values(metrics: HealthMetrics) -> Mapping[str, float]:
    """Return the six metrics by name, each in [0, 1]."""
    return {name: getattr(metrics, name) for name in METRICS}


def health_label(metrics: HealthMetrics | None) -> str:
    """Return the overall health, such as `0.81`; `~0.81` if a metric had too few epochs; `-` for None."""
    if metrics is None:
        return "-"
    return f"{MARK if metrics.insufficient else ''}{metrics.overall_health:.2f}"


def percent(share: float) -> str:
    """Return a share as a percentage: `41 %`, `0.3 %`."""
    return f"{share * 100:.1f} %" if 0 < share < 0.01 else f"{share:.0%}".replace("%", " %")


def inactive_units_text(layer: LayerHealth) -> str | None:
    """Return a text such as `41 % of block3_conv's filters are dead`; None if no unit is dead or saturated."""
    if layer.units is None or live_share(layer) == 1.0:
        return None
    noun = "filters" if "conv" in layer.layer_id else "units"
    shares = [(share, kind) for share, kind in ((layer.dead, "dead"), (layer.saturated, "saturated")) if share]
    (share, kind), *rest = sorted(shares, reverse=True)
    text = f"{percent(share)} of {layer.layer_id}'s {noun} are {kind}"
    return ", ".join([text, *(f"{percent(share)} {kind}" for share, kind in rest)])
