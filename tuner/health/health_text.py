"""How health is told to people: the same wherever it is read."""

from __future__ import annotations

from collections.abc import Mapping

from tuner.events import HealthMetrics, LayerHealth
from tuner.health.layers import live_share
from tuner.spec_parts import HealthWeights

METRICS = tuple(HealthWeights.model_fields)
"""The six, in the order in which they are shown."""

MARK = "~"
"""Before a value that lacked data, wholly or in part."""

TOO_FEW_EPOCHS = "too few epochs: counts as 0.5"
"""What the mark of a metric means."""


def metric_values(metrics: HealthMetrics) -> Mapping[str, float]:
    """The six metrics by name, each in [0, 1]."""
    return {name: getattr(metrics, name) for name in METRICS}


def health_label(metrics: HealthMetrics | None) -> str:
    """The overall health with two digits, such as `0.81`; `~0.81` where a metric lacked data; `-` if unknown."""
    if metrics is None:
        return "-"
    return f"{MARK if metrics.insufficient else ''}{metrics.overall_health:.2f}"


def percent(share: float) -> str:
    """A share as people say it: `41 %`, `0.3 %`."""
    return f"{share * 100:.1f} %" if 0 < share < 0.01 else f"{share:.0%}".replace("%", " %")


def inactive_units_text(layer: LayerHealth) -> str | None:
    """Such as `41 % of block3_conv's filters are dead`; None where all of them live, or it has none."""
    if layer.units is None or live_share(layer) == 1.0:
        return None
    noun = "filters" if "conv" in layer.layer_id else "units"
    ills = [(share, kind) for share, kind in ((layer.dead, "dead"), (layer.saturated, "saturated")) if share]
    (share, kind), *less = sorted(ills, reverse=True)
    told = f"{percent(share)} of {layer.layer_id}'s {noun} are {kind}"
    return ", ".join([told, *(f"{percent(share)} {kind}" for share, kind in less)])
