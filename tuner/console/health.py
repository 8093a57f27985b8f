"""How well a trial's network is: the six metrics, the vital signs, the layers and the findings."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from tuner.console.bars import share_bar
from tuner.console.formatting import clean, score
from tuner.console.output import cut, table
from tuner.events import Finding, HealthMetrics, VitalSigns
from tuner.health.health_text import MARK, TOO_FEW, metric_values, percent, told
from tuner.health.layers import layer_health
from tuner.spec import StudySpec
from tuner.spec_parts import HealthWeights
from tuner.store import TrialRow

WIDEST = 72
"""Columns; a longer bar is not easier to compare."""

NARROWEST = 38
"""Columns for a metric's name, its value and a bar."""

_BARS_FROM = 50
_LAYER_COLUMNS = {
    "~  layer": 0,
    ">health": 0,
    ">units": 30,
    ">dead": 36,
    ">saturated": 50,
    ">gradient": 60,
    ">update": 70,
}
"""Columns of the terminal from which on each is shown."""


def print_health(trial: TrialRow, spec: StudySpec, out: Console) -> None:
    """All that is known of a trial's health; nothing where it was not measured."""
    if trial.health_metrics is None:
        return
    width = min(out.width, WIDEST)
    out.print(Text(f"\n{headline(trial, spec)}"), soft_wrap=True)
    out.print(metrics_table(trial.health_metrics, spec.health_weights, width), width=width)
    if trial.health_metrics.insufficient:
        out.print(Text(f"{MARK} {TOO_FEW}", "dim"), soft_wrap=True)
    if trial.vital_signs is not None:
        out.print(Text(f"\n{signs_line(trial.vital_signs)}"), soft_wrap=True)
        if trial.vital_signs.layers:
            out.print(layers_table(trial.vital_signs, width), width=width)
    if trial.findings:
        out.print("\nFindings")
    for finding in trial.findings:
        out.print(Text(f"  {finding_line(finding)}", "yellow"), soft_wrap=True)


def headline(trial: TrialRow, spec: StudySpec) -> str:
    """The health, and what it makes of the accuracy."""
    line = f"Health of trial {trial.trial_number}: {told(trial.health_metrics)}"
    if trial.performance is None or spec.mode == "simple":
        return line
    weight = spec.accuracy_weight
    return (
        f"{line}, total_score {score(trial.performance.total_score)} "
        f"({percent(weight)} accuracy, {percent(1 - weight)} health)"
    )


def metrics_table(metrics: HealthMetrics, weights: HealthWeights, width: int) -> Table:
    """A line per metric, with its weight and a bar where there is room."""
    bars = width >= _BARS_FROM
    made = table("  metric", ">weight", ">value", *(["~"] if bars else []))
    for name, value in metric_values(metrics).items():
        unsure = name in metrics.insufficient
        cells = [Text(f"  {name}"), Text(percent(weights.shares[name])), metric_value(value, unsure)]
        made.add_row(*cells, *([Text(TOO_FEW, "dim") if unsure else share_bar(value, shade(value))] if bars else []))
    return made


def layers_table(signs: VitalSigns, width: int) -> Table:
    """A line per layer with weights, in the order of the network."""
    headings = [heading for heading, room in _LAYER_COLUMNS.items() if width >= room]
    made = table(*headings)
    for layer, well in zip(signs.layers, layer_health(signs.layers), strict=True):
        cells = {
            "~  layer": _indented(layer.layer_id),
            ">health": Text(f"{well:.2f}", shade(well)),
            ">units": Text("-" if layer.units is None else f"{layer.units:,}"),
            ">dead": Text("-" if layer.dead is None else percent(layer.dead)),
            ">saturated": Text("-" if layer.saturated is None else percent(layer.saturated)),
            ">gradient": Text("not finite" if layer.gradient is None else f"{layer.gradient:.1e}"),
            ">update": Text("not finite" if layer.update is None else f"{layer.update:.1e}"),
        }
        made.add_row(*(cells[heading] for heading in headings))
    return made


def compact_metrics(metrics: HealthMetrics, width: int) -> Table:
    """The metrics with a bar each, in 3 lines of two where there is room, else in 6; `row_count` says which."""
    abreast = 2 if width >= 2 * NARROWEST else 1
    made = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for _ in range(abreast):
        made.add_column(no_wrap=True)
        made.add_column(no_wrap=True, justify="right", width=len(f"{MARK}0.00"))
        made.add_column(ratio=1)
    cells: list[tuple[RenderableType, ...]] = []
    for name, value in metric_values(metrics).items():
        unsure = name in metrics.insufficient
        cells.append((Text(name), metric_value(value, unsure), share_bar(value, "dim" if unsure else shade(value))))
    for row in range(lines := len(cells) // abreast):
        made.add_row(*(cell for beside in cells[row::lines] for cell in beside))
    return made


def signs_line(signs: VitalSigns) -> str:
    """The vital signs of the whole network."""
    norm = "not finite" if signs.gradient_norm is None else f"{signs.gradient_norm:.3g}"
    return (
        f"gradient norm {norm}, train/validation gap {signs.train_validation_gap:+.4f} "
        "(training accuracy less validation accuracy)"
    )


def finding_line(finding: Finding) -> str:
    """A finding with its evidence, in one line."""
    return f"{finding.name} after epoch {finding.epoch}: {clean(finding.evidence)}"


def metric_value(value: float, unsure: bool) -> Text:
    """Such as `0.93`, or `~0.50` where data were lacking."""
    return Text(f"{MARK}{value:.2f}", "dim") if unsure else Text(f"{value:.2f}", shade(value))


def shade(value: float) -> str:
    """The colour of a share of what is well."""
    return "green" if value >= 0.75 else "yellow" if value >= 0.5 else "red"


def _indented(name: str) -> Text:
    return Text("  ", no_wrap=True, overflow="ellipsis").append_text(cut(name))
