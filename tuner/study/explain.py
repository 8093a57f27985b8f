"""Diagnoses a trial or a study from its stored rows: training problems and how to fix them.

`tuner.health.advice` writes the texts. Without measured health, the diagnosis uses the learning curves and the size;
the frequencies of the classes are then unknown, so chance means classes of equal frequency.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import mean

from pydantic import BaseModel, ConfigDict, Field

from tuner.errors import FixInputError
from tuner.events import EpochProgress, Finding, FindingName, HealthMetrics, TrialStatus, VitalSigns
from tuner.health.advice import Advice, trial_advice
from tuner.health.curves import accuracy_consistency, convergence_quality, training_stability
from tuner.health.diagnosis import lasting_findings, new_findings
from tuner.health.gradients import gradient_health
from tuner.health.health_text import metric_values
from tuner.health.metrics import layer_health, parameter_efficiency
from tuner.health.units import neuron_utilization
from tuner.search.direction import Direction, directions
from tuner.search.scheduler_report import batches_per_epoch
from tuner.store import EpochRow, Store, StudyRow, TrialRow
from tuner.study.importance import Importance, importance_of

HOW_TO_MEASURE = "mode=health measures it, health_stop=true detects problems only"


class TrialDiagnosis(BaseModel):
    """The diagnosis of one trial."""

    model_config = ConfigDict(frozen=True)

    trial_number: int
    status: TrialStatus
    reason: str | None
    health_metrics: HealthMetrics | None = Field(description="Null if not measured.")
    vital_signs: VitalSigns | None = Field(description="Null if not measured.")
    findings: tuple[Finding, ...] = Field(
        description="Problems found; from the learning curves alone if vital signs were not measured."
    )
    metrics: dict[str, float] = Field(
        description="The known ones of the six metrics, measured or computed from the learning curves."
    )
    unknown: tuple[str, ...] = Field(description="Metrics with too few epochs.")
    layers: dict[str, float] = Field(
        description="Health of each layer in [0, 1], in network order; empty if not known."
    )
    advice: tuple[Advice, ...] = Field(description="Problems and their remedies; empty if none was found.")


class StudyDiagnosis(BaseModel):
    """The health of all trials of a study."""

    model_config = ConfigDict(frozen=True)

    trials_watched: int = Field(description="Trials whose health or vital signs were measured.")
    mean_health: float | None = Field(description="Null if only vital signs were measured.")
    findings: dict[FindingName, list[int]] = Field(description="Trial numbers by finding, the most frequent first.")
    drivers: Importance = Field(description="Importance of each hyperparameter for health.")
    directions: dict[str, Direction] = Field(
        description="Which values of each hyperparameter go with better health, if the trials show it."
    )


class Explanation(BaseModel):
    """The answer of `tuner explain`."""

    model_config = ConfigDict(frozen=True)

    study: str
    measured: bool = Field(description="Whether health or vital signs of any trial were measured.")
    trial: TrialDiagnosis | None = Field(
        description="The requested trial, else the best one; null if there is no best trial."
    )
    all_trials: StudyDiagnosis | None = Field(description="Null if one trial was requested, or no trial was measured.")


def explain(store: Store, name: str, number: int | None = None) -> Explanation:
    """The diagnosis of one trial; without a number, of the best trial and of the whole study.

    Raises FixInputError if no trial has this number, or none has begun.
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
            known = "it has only trial 1" if last == 1 else f"its trials are 1 to {last}"
            raise FixInputError(f"study {name!r} has no trial {number}", remedy=known)
    epochs = () if chosen is None else store.epochs(name, trial_number=chosen.trial_number)
    diagnosis = chosen and trial_diagnosis(chosen, epochs, training_samples(study))
    return Explanation(
        study=name,
        measured=(diagnosis is not None and diagnosis.vital_signs is not None) or any(map(_was_measured, trials)),
        trial=diagnosis,
        all_trials=study_diagnosis(trials) if number is None else None,
    )


def training_samples(study: StudyRow) -> int | None:
    """Number of training samples of a study; None: its data were not read yet."""
    return None if study.data is None else sum(count.train for count in study.data.report.classes)


def trial_diagnosis(trial: TrialRow, epochs: Sequence[EpochRow], samples: int | None = None) -> TrialDiagnosis:
    """The diagnosis of one trial; of a running trial, after its last epoch. `samples` is that of training, if known."""
    metrics, signs, findings = trial.health_metrics, trial.vital_signs, trial.findings
    if trial.completed_at is None and epochs:
        metrics, signs = epochs[-1].health_metrics, epochs[-1].vital_signs
        findings = tuple(finding for epoch in epochs for finding in epoch.findings)
    known, seen = _known(metrics, signs), signs
    if metrics is None and epochs:
        known |= _curve_metrics(trial, epochs)
        if signs is None:
            seen, findings = _curve_signs(trial, epochs), findings or _curve_findings(trial, epochs, samples)
    findings = lasting_findings(findings, trial.best_epoch)
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
        layers={} if signs is None else _layer_healths(signs),
        advice=tuple(trial_advice(findings, measured, seen, trial.hyperparameters, size)),
    )


def _known(metrics: HealthMetrics | None, signs: VitalSigns | None) -> dict[str, float | None]:
    """The metrics, None for those with too few epochs; without metrics, those that the layers allow to compute."""
    if metrics is not None:
        return {name: None if name in metrics.insufficient else value for name, value in metric_values(metrics).items()}
    if signs is None:
        return {}
    of_layers = {
        "neuron_utilization": neuron_utilization(signs.layers),
        "gradient_health": gradient_health(signs.layers),
    }
    return {name: value for name, value in of_layers.items() if value is not None}


def _curve_metrics(trial: TrialRow, epochs: Sequence[EpochRow]) -> dict[str, float | None]:
    """The metrics that the learning curves and the size allow to compute; None for those with too few epochs."""
    accuracies = [epoch.val_accuracy for epoch in epochs]
    metrics: dict[str, float | None] = {"accuracy_consistency": accuracy_consistency(accuracies)}
    if trial.architecture is not None:
        size = trial.architecture.total_parameters
        metrics["parameter_efficiency"] = parameter_efficiency(max(accuracies), size)
    chance = _chance(trial)
    if chance is not None:
        train, validation = [epoch.train_loss for epoch in epochs], [epoch.val_loss for epoch in epochs]
        metrics["training_stability"] = training_stability(train, chance)
        metrics["convergence_quality"] = convergence_quality(train, validation, chance)
    return metrics


def _curve_signs(trial: TrialRow, epochs: Sequence[EpochRow]) -> VitalSigns:
    """The gap between training and validation alone."""
    best = next((epoch for epoch in epochs if epoch.epoch == trial.best_epoch), epochs[-1])
    return VitalSigns(gradient_norm=None, train_validation_gap=best.train_accuracy - best.val_accuracy, layers=())


def _curve_findings(trial: TrialRow, epochs: Sequence[EpochRow], samples: int | None) -> tuple[Finding, ...]:
    """What a diagnosis after each epoch would have found."""
    chance = _chance(trial)
    if chance is None:
        return ()
    batches = None if samples is None else batches_per_epoch(samples, trial.hyperparameters, trial.devices)
    diagnosed: list[EpochProgress] = []
    for epoch in epochs:
        event = epoch.event(epochs=epochs[-1].epoch)
        findings = new_findings([*diagnosed, event], chance, batches)
        diagnosed.append(event.model_copy(update={"findings": tuple(findings)}))
    return tuple(finding for event in diagnosed for finding in event.findings)


def _chance(trial: TrialRow) -> float | None:
    """Cross-entropy of guessing, in nats, by the network's number of outputs; None if that is unknown."""
    layers = trial.architecture.layers if trial.architecture else []
    outputs = layers[-1].output_shape[-1] if layers and layers[-1].output_shape else None
    return math.log(outputs) if outputs is not None and outputs > 1 else None


def no_problem_text(trial: TrialDiagnosis) -> str:
    """What a diagnosis without advice means, in a sentence."""
    if trial.health_metrics is not None:
        return "No problems found."
    if trial.metrics:
        return "No problems found in its learning curves."
    return "No diagnosis: too few epochs."


def study_diagnosis(trials: Sequence[TrialRow]) -> StudyDiagnosis | None:
    """The diagnosis of all trials together; None if none of them was measured."""
    watched = [trial for trial in trials if _was_measured(trial)]
    if not watched:
        return None
    known = [trial.health_metrics.overall_health for trial in watched if trial.health_metrics is not None]
    found: dict[FindingName, list[int]] = {}
    for trial in trials:
        for finding in lasting_findings(trial.findings, trial.best_epoch):
            found.setdefault(finding.name, []).append(trial.trial_number)
    by_health = [trial.model_copy(update={"objective": _health(trial)}) for trial in trials] if known else []
    return StudyDiagnosis(
        trials_watched=len(watched),
        mean_health=mean(known) if known else None,
        findings={name: found[name] for name in sorted(found, key=lambda name: (-len(found[name]), name))},
        drivers=importance_of(by_health, "overall_health"),
        directions=directions(by_health, "overall_health"),
    )


def _was_measured(trial: TrialRow) -> bool:
    return trial.health_metrics is not None or trial.vital_signs is not None


def _health(trial: TrialRow) -> float | None:
    return None if trial.health_metrics is None else trial.health_metrics.overall_health


def _layer_healths(signs: VitalSigns) -> dict[str, float]:
    return dict(zip((layer.layer_id for layer in signs.layers), layer_health(signs.layers), strict=True))
