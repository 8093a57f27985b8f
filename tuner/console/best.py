"""`tuner best`: the best trial, its model and how to use it, and the Pareto front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tuner.console.class_scores import print_class_scores
from tuner.console.formatting import clean, counted, duration, objective_value, scalar, score, trial_list
from tuner.console.health import print_health
from tuner.console.output import print_json, print_line, table
from tuner.console.show import field_table, trial_label
from tuner.errors import FixInputError
from tuner.events import Refit
from tuner.objectives import Objective
from tuner.store import Store, StudyRow, TrialRow
from tuner.study.class_scores import scores_in
from tuner.study.device_text import precision, trained_on, used
from tuner.study.event_text import baseline_name, refit_text
from tuner.study.explain import training_samples
from tuner.study.kept_models import kept_models
from tuner.study.paths import StudyPaths
from tuner.study.result import saved_model, view
from tuner.study.saved_model import DamagedModelError, check_content, read_model
from tuner.study.usage_code import usage_code


@dataclass(frozen=True)
class BestTrial:
    """A study's best trial, or another one whose model was kept, and its saved model."""

    study: StudyRow
    trial: TrialRow
    model: Path | None
    """None: not saved yet, moved, or damaged."""
    metadata: dict[str, Any]
    """The content of the model's metadata.json; empty without a model."""
    front: Sequence[TrialRow]
    """The Pareto front; with one objective, the best trial."""
    damage: DamagedModelError | None = None
    """Why its saved model cannot be used."""

    @property
    def usable_model(self) -> Path:
        """The model. Raises FixInputError if it is not saved or damaged; reads the whole file for that."""
        if self.damage is not None:
            raise self.damage
        if self.model is None:
            raise FixInputError(f"study {self.study.name!r} has no saved model", remedy=why_no_model(self))
        check_content(self.model, self.metadata, self.study.name)
        return self.model


def find_model(store: Store, name: str, trial: int | None) -> BestTrial:
    """The trial of this number with its kept model; None: the best one.

    Raises FixInputError if there is no such trial, or its model was not kept or is damaged.
    """
    best = find_best(store, name)
    if trial in (None, best.trial.trial_number):
        return best
    row = next((row for row in store.trials(name) if row.trial_number == trial), None)
    if row is None or trial is None:
        raise FixInputError(f"study {name!r} has no trial {trial}", remedy=f"see `tuner show {name}`")
    paths = StudyPaths(Path(best.study.folder))
    kept = read_model(paths.kept_model(trial), name, best=False)
    if kept is None:
        others = sorted({*kept_models(paths).trials, best.trial.trial_number})
        listed = (
            f"that of the best trial, {others[0]}, is"
            if len(others) == 1
            else f"those of trials {trial_list(others)} are"
        )
        raise FixInputError(
            f"the model of trial {trial} was not kept: only {listed}",
            remedy=f"set keep_models=all in a new study; `tuner show {name}` shows the trial's hyperparameters",
        )
    return replace(best, trial=row, model=kept.file, metadata=kept.metadata, damage=None)


def find_best(store: Store, name: str) -> BestTrial:
    """The best trial of a study. Raises FixInputError if no trial has a result yet."""
    shown = view(store, name)
    if shown.best is None:
        raise FixInputError(f"study {name!r} has no best trial yet", remedy=f"see `tuner show {name}`")
    saved, damage = None, None
    try:
        saved = saved_model(shown.study, shown.best)
    except DamagedModelError as error:
        damage = error
    model, metadata = (None, {}) if saved is None else (saved.file, saved.metadata)
    return BestTrial(shown.study, shown.best, model, metadata, shown.front_trials, damage)


def _document(best: BestTrial) -> dict[str, Any]:
    measured = best.trial.health_metrics is not None
    return {
        "study": best.study.name,
        **best.trial.model_dump(mode="json"),
        "health_weights": best.study.spec.health_weights.shares if measured else None,
        "test_accuracy": best.metadata.get("test_accuracy"),
        "test_loss": best.metadata.get("test_loss"),
        "baseline": best.study.baseline and best.study.baseline.model_dump(mode="json"),
        **scores_in(best.metadata).model_dump(mode="json"),
        "refit": best.metadata.get("refit"),
        "model_path": None if best.model is None else str(best.model),
        "damage": None if best.damage is None else str(best.damage),
        "labels": best.metadata.get("labels"),
        "preprocessing": best.metadata.get("preprocessing"),
        "code": None if best.model is None else usage_code(str(best.model), best.metadata),
        "front": [
            {"trial_number": trial.trial_number, "values": trial.values, "hyperparameters": trial.hyperparameters}
            for trial in best.front
        ],
    }


def print_best(best: BestTrial, out: Console, *, as_json: bool = False) -> None:
    """Print the best trial in detail, its test scores, and three lines of Python that use its model."""
    if as_json:
        print_json(_document(best))
        return
    trial, performance = best.trial, best.trial.performance
    size = "-" if trial.architecture is None else f"{trial.architecture.total_parameters:,} parameters"
    kind = "" if trial.architecture is None else f"{trial.architecture.type}, "
    out.print(
        field_table(
            ("study", best.study.name),
            ("best", Text(trial_label(trial), "bold")),
            ("network", kind + size),
            (
                "trained",
                f"{counted(trial.epochs_trained, 'epoch')} in {duration(trial.duration_seconds)}, "
                f"best epoch {trial.best_epoch or '-'}",
            ),
            *([("then", refit_text(refit))] if (refit := refit_in(best.metadata)) else []),
        )
    )
    scores = table("", ">validation", ">test")
    for name in ("accuracy", "loss"):
        validation = None if performance is None else getattr(performance, name)
        scores.add_row(name, score(validation), score(best.metadata.get(f"test_{name}")))
    if (baseline := best.study.baseline) is not None:
        tested = baseline.test_accuracy if best.metadata else None
        scores.add_row("accuracy of the baseline", score(baseline.val_accuracy), score(tested))
    by_class = scores_in(best.metadata)
    for name, label in (("balanced_accuracy", "balanced accuracy"), ("macro_f1", "macro F1")):
        validation, tested = trial.values.get(f"val_{name}"), getattr(by_class, f"test_{name}")
        if validation is not None or tested is not None:
            scores.add_row(label, "" if validation is None else score(validation), score(tested))
        if baseline is not None and best.study.spec.monitor == f"val_{name}":
            scores.add_row(f"{label} of the baseline", score(baseline.score(f"val_{name}")[1]), "")
    out.print()
    out.print(scores)
    if baseline is not None:
        print_line(out, f"The baseline is {baseline_name(baseline, training_samples(best.study))}.", "dim")
    if refit is not None:
        print_line(out, "Validation scores are of the search, test scores of the refitted model that is saved.", "dim")
    print_class_scores(by_class, out)
    out.print("\nHyperparameters")
    out.print(field_table(*((f"  {clean(key)}", scalar(value)) for key, value in trial.hyperparameters.items())))
    print_devices(trial, out)
    if best.study.spec.mode != "simple":
        print_health(trial, best.study.spec, out)
    objectives = best.study.spec.objectives
    if len(objectives) > 1 and best.front:
        print_line(
            out, f"\nPareto front: no other trial improves one of {', '.join(objectives)} without losing in another"
        )
        out.print(front_table(objectives, best.front))
    if best.damage is not None:
        print_line(out, f"\nNo usable model: {clean(str(best.damage))}", "yellow")
        return
    if best.model is None:
        print_line(out, f"\nNo saved model: {why_no_model(best)}")
        return
    print_line(out, f"\nModel: {clean(str(best.model))}\n")
    for line in usage_code(str(best.model), best.metadata):
        print_line(out, f"  {line}", "cyan")


def refit_in(metadata: Mapping[str, Any]) -> Refit | None:
    """How a saved model was trained once more; None: it was not."""
    refit = metadata.get("refit")
    return None if refit is None else Refit.model_validate(refit)


def front_table(objectives: Sequence[Objective], front: Sequence[TrialRow]) -> Table:
    """A row per trial on the front with its objectives, best by the first objective first."""
    made = table(">trial", *(f">{objective}" for objective in objectives))
    for trial in front:
        values = (Text(objective_value(objective, trial.values.get(objective))) for objective in objectives)
        made.add_row(Text(str(trial.trial_number)), *values)
    return made


def print_devices(trial: TrialRow, out: Console) -> None:
    """Print the devices a trial trained on, why, and the resources it used; nothing if they are not known."""
    if trial.devices is None:
        return
    lines = [("  trained on", trained_on(trial.devices)), ("  precision", precision(trial.devices))]
    if trial.resources is not None:
        lines.append(("  used", used(trial.resources)))
    lines += [("" if number else "  why", clean(reason)) for number, reason in enumerate(trial.devices.why)]
    out.print("\nDevices")
    out.print(field_table(*lines))


def why_no_model(best: BestTrial) -> str:
    """What to do about a study without a saved model."""
    if best.study.current_status == "running":
        return "it is saved when the study ends"
    if best.study.current_status in ("cancelled", "failed", "interrupted"):
        return f"`tuner resume {best.study.name}` continues the study and saves it at the end"
    return f"its files in {best.study.folder} were moved or deleted; `tuner resume {best.study.name}` saves it again"
