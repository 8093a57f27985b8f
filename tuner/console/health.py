"""Prints a trial's health: the six metrics, the vital signs, the layers and the findings."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from tuner.console.bars import share_bar
from tuner.console.formatting import clean, score
from tuner.console.output import print_line, table, truncated
from tuner.events import Finding, HealthMetrics, VitalSigns
from tuner.health.diagnosis import lasting_findings
from tuner.health.health_text import MARK, REDUCED_TEXT, TOO_FEW_EPOCHS, health_label, metric_values, percent
from tuner.health.metrics import is_reduced, layer_health
from tuner.spec import StudySpec
from tuner.spec_parts import HealthWeights
from tuner.store import TrialRow

MAX_WIDTH = 72
"""Maximum number of columns; longer bars are not easier to compare."""

MIN_WIDTH = 38
"""Minimum number of columns for a metric's name, its value and a bar."""

_BARS_MIN_WIDTH = 50
_LAYER_COLUMNS = {
    "~  layer": 0,
    ">health": 0,
    ">units": 30,
    ">dead": 36,
    ">saturated": 50,
    ">gradient": 60,
    ">update": 70,
}
"""The terminal width from which on each column is shown."""


def print_health(trial: TrialRow, spec: StudySpec, out: Console) -> None:
    """Print a trial's health; nothing if it was not measured."""
    if trial.health_metrics is None:
        return
    width = min(out.width, MAX_WIDTH)
    print_line(out, f"\n{headline(trial, spec)}")
    out.print(metrics_table(trial.health_metrics, spec.health_weights, width), width=width)
    if trial.health_metrics.insufficient:
        print_line(out, f"{MARK} {TOO_FEW_EPOCHS}", "dim")
    if is_reduced(trial.health_metrics, spec.health_weights):
        print_line(out, REDUCED_TEXT, "yellow")
    if trial.vital_signs is not None:
        print_line(out, f"\n{signs_line(trial.vital_signs)}")
        if trial.vital_signs.layers:
            out.print(layers_table(trial.vital_signs, width), width=width)
    findings = lasting_findings(trial.findings, trial.best_epoch)
    if findings:
        out.print("\nProblems")
    for finding in findings:
        print_line(out, f"  {finding_line(finding)}", "yellow")


def headline(trial: TrialRow, spec: StudySpec) -> str:
    """The health of a trial, and the total score that combines it with the accuracy."""
    line = f"Health of trial {trial.trial_number}: {health_label(trial.health_metrics)}"
    if trial.performance is None or spec.mode == "simple":
        return line
    weight = spec.accuracy_weight
    return (
        f"{line}, total_score {score(trial.performance.total_score)} "
        f"({percent(weight)} accuracy, {percent(1 - weight)} health)"
    )


def metrics_table(metrics: HealthMetrics, weights: HealthWeights, width: int) -> Table:
    """A row per metric with its weight, and a bar if the terminal is wide enough."""
    bars = width >= _BARS_MIN_WIDTH
    made = table("  metric", ">weight", ">value", *(["~"] if bars else []))
    for name, value in metric_values(metrics).items():
        insufficient = name in metrics.insufficient
        cells = [Text(f"  {name}"), Text(percent(weights.shares[name])), metric_value(value, insufficient)]
        made.add_row(
            *cells,
            *([Text(TOO_FEW_EPOCHS, "dim") if insufficient else share_bar(value, colour(value))] if bars else []),
        )
    return made


def layers_table(signs: VitalSigns, width: int) -> Table:
    """A row per layer that has weights, in network order."""
    headings = [heading for heading, minimum in _LAYER_COLUMNS.items() if width >= minimum]
    made = table(*headings)
    for layer, health in zip(signs.layers, layer_health(signs.layers), strict=True):
        cells = {
            "~  layer": _indented(layer.layer_id),
            ">health": Text(f"{health:.2f}", colour(health)),
            ">units": Text("-" if layer.units is None else f"{layer.units:,}"),
            ">dead": Text("-" if layer.dead is None else percent(layer.dead)),
            ">saturated": Text("-" if layer.saturated is None else percent(layer.saturated)),
            ">gradient": Text("not finite" if layer.gradient is None else f"{layer.gradient:.1e}"),
            ">update": Text("not finite" if layer.update is None else f"{layer.update:.1e}"),
        }
        made.add_row(*(cells[heading] for heading in headings))
    return made


def compact_metrics(metrics: HealthMetrics, width: int) -> Table:
    """The metrics with a bar each: two per row if the terminal is wide enough, else one."""
    per_row = 2 if width >= 2 * MIN_WIDTH else 1
    made = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for _ in range(per_row):
        made.add_column(no_wrap=True)
        made.add_column(no_wrap=True, justify="right", width=len(f"{MARK}0.00"))
        made.add_column(ratio=1)
    cells: list[tuple[RenderableType, ...]] = []
    for name, value in metric_values(metrics).items():
        insufficient = name in metrics.insufficient
        cells.append(
            (Text(name), metric_value(value, insufficient), share_bar(value, "dim" if insufficient else colour(value)))
        )
    for row in range(lines := len(cells) // per_row):
        made.add_row(*(cell for metric in cells[row::lines] for cell in metric))
    return made


def signs_line(signs: VitalSigns) -> str:
    """The vital signs of the whole network in one line."""
    norm = "not finite" if signs.gradient_norm is None else f"{signs.gradient_norm:.3g}"
    return (
        f"gradient norm {norm}, train/validation gap {signs.train_validation_gap:+.4f} "
        "(training minus validation accuracy)"
    )


def finding_line(finding: Finding) -> str:
    """A finding and its evidence in one line."""
    return f"{finding.name} after epoch {finding.epoch}: {clean(finding.evidence)}"


def metric_value(value: float, insufficient: bool) -> Text:
    """A metric such as `0.93`, or `~0.50` if there were too few epochs to measure it."""
    return Text(f"{MARK}{value:.2f}", "dim") if insufficient else Text(f"{value:.2f}", colour(value))


def colour(value: float) -> str:
    """The colour of a health value in [0, 1]."""
    return "green" if value >= 0.75 else "yellow" if value >= 0.5 else "red"


def _indented(name: str) -> Text:
    return Text("  ", no_wrap=True, overflow="ellipsis").append_text(truncated(name))
