"""The health of the best network and of all trials."""

from __future__ import annotations

from tuner.events import VitalSigns
from tuner.health.health_text import METRICS, REDUCED_TEXT, TOO_FEW_EPOCHS, health_label, metric_values, percent
from tuner.health.metrics import is_reduced, layer_health
from tuner.spec import StudySpec
from tuner.store import TrialRow
from tuner.study.event_text import words
from tuner.study.explain import HOW_TO_MEASURE, TrialDiagnosis, no_problem_text
from tuner.study.report.facts import StudyFacts
from tuner.study.report.shares import points
from tuner.study.report.tables import Table
from tuner.study.wording import capital, clean, counted, trial_list


def health_sentences(facts: StudyFacts) -> list[str]:
    """How healthy the best network and the other trials are; at least one sentence."""
    best, explained = facts.best, facts.explanation
    if best is None or explained is None or explained.trial is None:
        return ["No network has a result, so there is no diagnosis."]
    found = []
    if best.health_metrics is None:
        found.append(
            f"Health was not measured ({HOW_TO_MEASURE}). What follows is from learning curves and sizes alone."
        )
    else:
        label = health_label(best.health_metrics)
        found.append(f"The best network has a health of {label}: the weighted mean of six metrics, where 1 is best.")
        if is_reduced(best.health_metrics, facts.spec.health_weights):
            found.append(REDUCED_TEXT)
    if best.vital_signs is not None:
        gap = best.vital_signs.train_validation_gap
        side = "above" if gap >= 0 else "below"
        found.append(f"At its best epoch, training accuracy was {points(gap)} {side} validation accuracy.")
    if not explained.trial.advice:
        found.append(no_problem_text(explained.trial))
    return found + _of_study(facts)


def _of_study(facts: StudyFacts) -> list[str]:
    everyone = None if facts.explanation is None else facts.explanation.all_trials
    if everyone is None:
        return []
    found = []
    if everyone.mean_health is not None:
        found.append(f"The mean health of {counted(everyone.trials_watched, 'trial')} is {everyone.mean_health:.2f}.")
    found += [
        f"{capital(words(name))}: found in {counted(len(numbers), 'trial')} ({trial_list(numbers)})."
        for name, numbers in everyone.findings.items()
    ]
    found += [f"Health and {name}: {direction}." for name, direction in everyone.directions.items()]
    return found


def metrics_table(trial: TrialRow, spec: StudySpec, diagnosis: TrialDiagnosis | None) -> Table | None:
    """The six metrics with their weights, or those that the learning curves allow; None: none is known."""
    metrics = trial.health_metrics
    if metrics is not None:
        rows = tuple(
            (
                capital(words(name)),
                f"{value:.2f}",
                percent(spec.health_weights.shares[name]),
                TOO_FEW_EPOCHS if name in metrics.insufficient else _judgement(value),
            )
            for name, value in metric_values(metrics).items()
        )
        return Table(f"Health of trial {trial.trial_number}", ("Metric", ">Value", ">Weight", "Judgement"), rows)
    if diagnosis is None or not diagnosis.metrics:
        return None
    known = tuple(
        (capital(words(name)), f"{diagnosis.metrics[name]:.2f}", _judgement(diagnosis.metrics[name]))
        for name in METRICS
        if name in diagnosis.metrics
    )
    return Table(
        f"Metrics of trial {trial.trial_number} from its learning curves", ("Metric", ">Value", "Judgement"), known
    )


def signs_table(signs: VitalSigns) -> Table | None:
    """A row for each layer with weights; None without layers."""
    if not signs.layers:
        return None
    rows = tuple(
        (
            clean(layer.layer_id),
            f"{health:.2f}",
            "-" if layer.units is None else f"{layer.units:,}",
            "-" if layer.dead is None else percent(layer.dead),
            "-" if layer.saturated is None else percent(layer.saturated),
            "not finite" if layer.gradient is None else f"{layer.gradient:.1e}",
            "not finite" if layer.update is None else f"{layer.update:.1e}",
        )
        for layer, health in zip(signs.layers, layer_health(signs.layers), strict=True)
    )
    columns = ("Layer", ">Health", ">Units", ">Dead", ">Saturated", ">Gradient", ">Update")
    note = (
        "Dead units give the same output for all samples; saturated ones are at a bound of their activation. "
        "Gradient: root mean square over the layer's kernel. Update: relative change of the kernel in one step."
    )
    return Table("Health by layer", columns, rows, note)


def _judgement(value: float) -> str:
    """As the colours of the console: from 0.75 good, from 0.5 fair."""
    return "good" if value >= 0.75 else "fair" if value >= 0.5 else "poor"
