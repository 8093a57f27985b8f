"""Builds responses from rows of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anyio import from_thread

from serve_app.explanation import StudyExplanation
from serve_app.public_text import for_clients
from serve_app.remedied import remedied
from serve_app.schemas import BestModel, EpochPoint, Job, JobDetail, ModelArchitecture, Rung, TrialDetail
from serve_app.services import Services
from serve_app.visualization import Visualization, visualize
from serve_app.winner import is_saved
from tuner.datasets import dataset_names
from tuner.datasets.registry import Registry
from tuner.errors import FixInputError
from tuner.events import Scalar
from tuner.health.remedies import with_remedies
from tuner.search.rungs import make_rungs
from tuner.spec import StudySpec
from tuner.store import EpochRow, JobRow, StoreQueries, StudyRow, TrialRow
from tuner.study.deletion import disk_bytes
from tuner.study.explain import Explanation, TrialDiagnosis, training_samples, trial_diagnosis
from tuner.study.parity import Parity
from tuner.study.progress import Progress, read_progress
from tuner.study.report.facts import read_facts
from tuner.study.report.next_steps import next_steps
from tuner.study.result import best_so_far, cloud_of, front_of, warnings_of


def jobs(services: Services, studies: Sequence[StudyRow]) -> list[Job]:
    known = _dataset_names(services)
    return [
        _job(study, progress, _dataset(study, known))
        for study, progress in zip(studies, _progress(services, studies), strict=True)
    ]


def job(services: Services, study: StudyRow) -> JobDetail:
    (progress,) = _progress(services, [study])
    dataset = _dataset(study, _dataset_names(services))
    needed = len(study.spec.objectives) > 1 or study.spec.use_runpod_service
    outcomes = StoreQueries(services.store).outcomes(study.name) if needed else []
    return JobDetail(
        **dict(_job(study, progress, dataset)),
        spec=_spec(study.spec, dataset),
        data=study.data and study.data.report,
        baseline=study.baseline,
        warnings=warnings_of(study),
        best=best_trial(services, study),
        front=front_of(study, outcomes),
        cloud=cloud_of(study, outcomes, services.store.jobs(study.name)),
        parity=Parity.of(outcomes),
        disk_bytes=disk_bytes(study),
        rungs=_rungs(study.spec),
    )


def best_trial(services: Services, study: StudyRow) -> TrialRow | None:
    """The best trial of the study so far; None: it has none yet."""
    number = study.best_trial_number
    row = None if number is None else StoreQueries(services.store).trial(study.name, number)
    return row and best_so_far(study, [remedied(for_clients(row))])


def spec(services: Services, study: StudyRow) -> StudySpec:
    """A study's spec, without paths of this machine."""
    return _spec(study.spec, _dataset(study, _dataset_names(services)))


def trial(row: TrialRow, epochs: Sequence[EpochRow], jobs: Sequence[JobRow]) -> TrialDetail:
    """One trial with its epochs; a running trial has the health of its last epoch."""
    metrics, signs, findings = row.health_metrics, row.vital_signs, row.findings
    if row.completed_at is None and epochs:
        metrics, signs = epochs[-1].health_metrics, epochs[-1].vital_signs
        findings = tuple(finding for epoch in epochs for finding in epoch.findings)
    update = {"health_metrics": metrics, "vital_signs": signs, "findings": with_remedies(findings, row.hyperparameters)}
    row = for_clients(row).model_copy(update=update)
    curves = [_point(epoch, row.hyperparameters) for epoch in epochs]
    fields = {"curves": curves, "jobs": jobs, "visualization": visualization(row)}
    return TrialDetail.model_validate(row.shared_with(TrialDetail) | fields)


def explanation(services: Services, name: str) -> StudyExplanation:
    """The diagnosis of a study's best trial and of all its trials, and what to try next.

    Raises FixInputError if no trial has begun and there is nothing to try.
    """
    facts = read_facts(services.store, name)
    steps = next_steps(facts)
    found = facts.explanation
    if found is None:
        if not steps:
            raise FixInputError(f"no trial of study {name!r} has begun yet", remedy=f"see `tuner show {name}`")
        found = Explanation(study=name, measured=False, trial=None, all_trials=None)
    shown: dict[str, Any] = {}
    if found.trial is not None:
        best = StoreQueries(services.store).trial(name, found.trial.trial_number)
        shown["trial"] = best and _diagnosis(found.trial, best)
    if found.all_trials is not None:
        drivers = for_clients(found.all_trials.drivers)
        shown["all_trials"] = found.all_trials.model_copy(update={"drivers": drivers})
    return StudyExplanation.of(found.model_copy(update=shown), steps)


def diagnosis(services: Services, row: TrialRow, study: StudyRow) -> TrialDiagnosis:
    epochs = services.store.epochs(study.name, row.trial_number)
    return _diagnosis(trial_diagnosis(row, epochs, training_samples(study)), row)


def _diagnosis(found: TrialDiagnosis, row: TrialRow) -> TrialDiagnosis:
    findings = with_remedies(found.findings, row.hyperparameters)
    return for_clients(found).model_copy(update={"findings": findings})


def best_model(study: StudyRow, row: TrialRow) -> BestModel:
    fields = {
        "training_duration": row.duration_seconds,
        "updated_at": row.completed_at,
        "test_accuracy": study.test_accuracy,
        "test_loss": study.test_loss,
        "saved": is_saved(study),
        "visualization": visualization(row),
    }
    return BestModel.model_validate(row.shared_with(BestModel) | fields)


def architecture(row: TrialRow) -> ModelArchitecture:
    drawn = visualization(row)
    assert drawn is not None
    return ModelArchitecture(**row.shared_with(ModelArchitecture), visualization=drawn)


def visualization(row: TrialRow) -> Visualization | None:
    """The drawing of a trial's network; None: it was not built."""
    if row.architecture is None:
        return None
    return visualize(
        row.architecture,
        total_score=None if row.performance is None else row.performance.total_score,
        health_metrics=row.health_metrics,
        vital_signs=row.vital_signs,
    )


def _progress(services: Services, studies: Sequence[StudyRow]) -> list[Progress]:
    """The progress of each of these studies. Call it in a worker thread: the feed reads batches on the event loop."""
    running = [study.name for study in studies if study.current_status == "running"]
    live = from_thread.run(services.feed.batches, running) if running else {}
    return read_progress(services.store, studies, live)


def _job(study: StudyRow, progress: Progress, dataset: str) -> Job:
    fields = {
        "id": study.name,
        "status": study.current_status,
        "dataset": dataset,
        "mode": study.spec.mode,
        "objectives": list(study.spec.objectives),
        "concurrent_workers": None if study.concurrent_workers == "auto" else study.concurrent_workers,
        "progress": progress,
    }
    return Job.model_validate(for_clients(study).shared_with(Job) | fields)


def _point(epoch: EpochRow, hyperparameters: Mapping[str, Scalar]) -> EpochPoint:
    signs = epoch.vital_signs
    fields = {
        "overall_health": epoch.health_metrics and epoch.health_metrics.overall_health,
        "findings": with_remedies(epoch.findings, hyperparameters),
        "layers": signs.layers if signs else (),
        "gradient_norm": signs and signs.gradient_norm,
    }
    return EpochPoint(**epoch.shared_with(EpochPoint) | fields)


def _rungs(spec: StudySpec) -> list[Rung] | None:
    """Where the scheduler compares trials; None: it depends on the number of workers, which is not recorded."""
    if spec.scheduler not in ("asha", "hyperband"):
        return []
    rungs = make_rungs(spec, 1 if spec.concurrent_workers == "auto" else spec.concurrent_workers)
    if rungs.unit == "second" and spec.concurrent_workers == "auto":
        return None
    return [Rung(number=number, at=at, unit=rungs.unit) for number, at in enumerate(rungs.positions(), start=1)]


def _spec(spec: StudySpec, dataset: str) -> StudySpec:
    return spec.model_copy(update={"dataset": dataset, "data_dir": None, "storage_path": None})


def _dataset_names(services: Services) -> dict[str, str]:
    """The names of uploaded and registered data sets, by their paths."""
    return {entry.path: entry.name for entry in Registry(services.settings.results_dir).entries()}


def dataset_paths(services: Services, name: str) -> list[str]:
    """The values of `dataset` by which the specs of studies name this data set."""
    own = Registry(services.settings.results_dir).find(name)
    return [name] if own is None else [name, own.path]


def dataset_name(services: Services, study: StudyRow) -> str:
    """How clients call the data set of a study."""
    return _dataset(study, _dataset_names(services))


def _dataset(study: StudyRow, own: dict[str, str]) -> str:
    """The name of a study's data set; for a path, which the command line accepts, its last part."""
    asked = study.spec.dataset
    return asked if asked in dataset_names() else own.get(asked) or Path(asked).name
