"""What is unwell with a trial or in a study, and what to try: from rows to a reading.

The words are those of `tuner.health.advice`. Where health was not measured, what the curves and the size alone tell is
read all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from pydantic import BaseModel, ConfigDict, Field

from tuner.errors import FixInputError
from tuner.events import Finding, FindingName, HealthMetrics, TrialStatus, VitalSigns
from tuner.health.advice import Advice, advise
from tuner.health.assess import gradient_flows, known_units
from tuner.health.gradients import gradient_health
from tuner.health.health_text import metric_values
from tuner.health.layers import layer_health
from tuner.health.units import neuron_utilization
from tuner.search.direction import Direction, directions
from tuner.store import EpochRow, Store, TrialRow
from tuner.study.curve_diagnosis import read_curves
from tuner.study.importance import Importance, importance_of


class TrialDiagnosis(BaseModel):
    """One trial, read."""

    model_config = ConfigDict(frozen=True)

    trial_number: int
    status: TrialStatus
    reason: str | None
    health_metrics: HealthMetrics | None = Field(description="Null: not measured.")
    vital_signs: VitalSigns | None = Field(description="Null: not measured.")
    findings: tuple[Finding, ...] = Field(description="Where vital signs were not measured: of the curves alone.")
    metrics: dict[str, float] = Field(description="Those of the six that are known: measured, or read from the curves.")
    unknown: tuple[str, ...] = Field(description="Those that had too few epochs.")
    layers: dict[str, float] = Field(description="How well each layer is, in [0, 1], in their order; empty: not known.")
    advice: tuple[Advice, ...] = Field(description="What is unwell; empty: nothing that is known.")


class StudyDiagnosis(BaseModel):
    """The health of all trials of a study, read."""

    model_config = ConfigDict(frozen=True)

    trials_watched: int = Field(description="Trials whose health, or at least whose vital signs, were measured.")
    mean_health: float | None = Field(description="Null: vital signs alone were measured.")
    findings: dict[FindingName, list[int]] = Field(
        description="Numbers of the trials by finding, the most frequent first."
    )
    drivers: Importance = Field(description="Which hyperparameters decided the health.")
    directions: dict[str, Direction] = Field(description="Which way they go with it, where the trials show that.")


class Explanation(BaseModel):
    """What `tuner explain` says."""

    model_config = ConfigDict(frozen=True)

    study: str
    measured: bool = Field(description="Whether the health, or at least the vital signs, of any trial were measured.")
    trial: TrialDiagnosis | None = Field(
        description="The one that was asked for, else the best one; null: none is best."
    )
    all_trials: StudyDiagnosis | None = Field(description="Null: one trial was asked for, or none was watched.")


def explain(store: Store, name: str, number: int | None = None) -> Explanation:
    """The reading of one trial, or of the best one and then of the study.

    Raises:
        UnknownStudyError: there is no such study.
        FixInputError: there is no such trial, or none has begun.
    """
    study, trials = store.study(name), store.trials(name)
    if not trials:
        raise FixInputError(f"no trial of study {name!r} has begun yet", remedy=f"see `tuner show {name}`")
    if number is None:
        chosen = next((trial for trial in trials if trial.trial_number == study.best_trial_number), None)
    else:
        chosen = next((trial for trial in trials if trial.trial_number == number), None)
        if chosen is None:
            last = max(trial.trial_number for trial in trials)
            known = "it has trial 1 alone" if last == 1 else f"its trials are 1 to {last}"
            raise FixInputError(f"study {name!r} has no trial {number}", remedy=known)
    reading = chosen and read_trial(chosen, store.epochs(name, trial_number=chosen.trial_number))
    return Explanation(
        study=name,
        measured=(reading is not None and reading.vital_signs is not None) or any(map(_watched, trials)),
        trial=reading,
        all_trials=read_all(trials) if number is None else None,
    )


def read_trial(trial: TrialRow, epochs: Sequence[EpochRow]) -> TrialDiagnosis:
    """One trial by its row and its epochs; one that has not ended by its last epoch."""
    metrics, signs, findings = trial.health_metrics, trial.vital_signs, trial.findings
    if trial.completed_at is None and epochs:
        metrics, signs = epochs[-1].health_metrics, epochs[-1].vital_signs
        findings = tuple(finding for epoch in epochs for finding in epoch.findings)
    known, seen = _known(metrics, signs), signs
    if metrics is None:
        curves = read_curves(trial, epochs)
        known |= curves.metrics
        if signs is None:
            seen, findings = curves.signs, findings or curves.findings
    measured = {name: value for name, value in known.items() if value is not None}
    size = trial.architecture.total_parameters if trial.architecture else None
    return TrialDiagnosis(
        trial_number=trial.trial_number,
        status=trial.status,
        reason=trial.reason,
        health_metrics=metrics,
        vital_signs=signs,
        findings=findings,
        metrics=measured,
        unknown=tuple(name for name, value in known.items() if value is None),
        layers=_layers(signs),
        advice=tuple(advise(findings, measured, seen, trial.hyperparameters, size)),
    )


def _known(metrics: HealthMetrics | None, signs: VitalSigns | None) -> dict[str, float | None]:
    """The metrics, without those that lacked data; where they were not weighed, what the layers tell."""
    if metrics is not None:
        return {name: None if name in metrics.insufficient else value for name, value in metric_values(metrics).items()}
    if signs is None:
        return {}
    of_layers = {
        "neuron_utilization": neuron_utilization(known_units(signs.layers)),
        "gradient_health": gradient_health(gradient_flows(signs.layers)),
    }
    return {name: value for name, value in of_layers.items() if value is not None}


def read_all(trials: Sequence[TrialRow]) -> StudyDiagnosis | None:
    """All trials together; None: none of them was watched."""
    watched = [trial for trial in trials if _watched(trial)]
    if not watched:
        return None
    known = [trial.health_metrics.overall_health for trial in watched if trial.health_metrics is not None]
    found: dict[FindingName, list[int]] = {}
    for trial in trials:
        for finding in trial.findings:
            found.setdefault(finding.name, []).append(trial.trial_number)
    judged = [trial.model_copy(update={"objective": _health(trial)}) for trial in trials] if known else []
    return StudyDiagnosis(
        trials_watched=len(watched),
        mean_health=mean(known) if known else None,
        findings={name: found[name] for name in sorted(found, key=lambda name: (-len(found[name]), name))},
        drivers=importance_of(judged, "overall_health"),
        directions=directions(judged, "overall_health"),
    )


def _watched(trial: TrialRow) -> bool:
    return trial.health_metrics is not None or trial.vital_signs is not None


def _health(trial: TrialRow) -> float | None:
    return None if trial.health_metrics is None else trial.health_metrics.overall_health


def _layers(signs: VitalSigns | None) -> dict[str, float]:
    if signs is None:
        return {}
    return dict(zip((layer.layer_id for layer in signs.layers), layer_health(signs.layers), strict=True))
