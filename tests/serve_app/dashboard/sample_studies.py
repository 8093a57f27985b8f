"""Studies of every kind and status in a real database, and one whose events a test tells while a browser watches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from tests import saved_models
from tests.serve_app.dashboard.sample_trials import EPOCHS, Clock, SampleTrial, problem, pruned_by
from tests.serve_app.replicas import ScriptedBoards
from tuner import events
from tuner.data import ImageInput
from tuner.data_report import ClassCount, DataRecord, DataReport, Note
from tuner.events import (
    Baseline,
    BaselineFitted,
    BatchProgress,
    BestModel,
    DataRead,
    DurableEvent,
    NewBest,
    Performance,
    ResourceSample,
    StudyStatus,
    TrialComplete,
)
from tuner.search.space import make_space
from tuner.search.space_description import described
from tuner.spec import StudySpec
from tuner.store import Lease, Store, tables
from tuner.store.projection import project
from tuner.store.serialization import to_document
from tuner.study.event_text import event_lines

RUNNING, COMPLETED, HEALTH, TEXTS = "digits-running", "mnist-simple", "mnist-health", "reviews-lstm"
EVERY_STATUS, FAILED, INTERRUPTED = "every-status", "failed-at-start", "interrupted"
CANCELLED, WAITING, MANY, TRIED = "cancelled", "waiting", "ten-thousand", "digits-tried"
TRIALS, WRITTEN = 10_000, 100
"""Trials of the study MANY that ended, and those of them that were written event by event."""
TRACEBACK = """Traceback (most recent call last):
  File "model.py", line 14, in build
    return layers.Dense(units)(inputs)
ValueError: Input 0 of layer "dense" is incompatible with the layer"""


class SampleStudy:
    """A study that a test writes, as a driver would: the database, the log file and live samples."""

    def __init__(self, store: Store, results: Path, name: str, boards: ScriptedBoards, **fields: object) -> None:
        self.store, self.name, self.boards = store, name, boards
        self.folder = results / name
        self.folder.mkdir(parents=True)
        self.spec = StudySpec(run_name=name, max_epochs_per_trial=EPOCHS, **fields)
        self.clock = Clock(events.now() - timedelta(minutes=12))
        self.lease = Lease.new()
        store.create_study(self.spec, folder=str(self.folder))

    @property
    def healthy(self) -> bool:
        return self.spec.mode != "simple"

    def trial(self, number: int, *, texts: bool = False) -> SampleTrial:
        return SampleTrial.of(self.name, number, healthy=self.healthy, texts=texts)

    def append(self, *told: DurableEvent) -> None:
        self._log(told)
        for event in told:
            self.store.append(self.name, event)

    def append_all(self, told: Iterable[DurableEvent]) -> None:
        """As `append`, in one transaction: thousands of events take seconds."""
        told = list(told)
        self._log(told)
        log = tables.events

        def write(connection: sa.Connection, study: int) -> None:
            last = connection.scalar(sa.select(sa.func.max(log.c.sequence)).where(log.c.study_id == study)) or 0
            rows = [
                {"study_id": study, "sequence": last + place, "event": to_document(event), "key": None}
                for place, event in enumerate(told, 1)
            ]
            connection.execute(sa.insert(log), rows)
            for event in told:
                project(connection, study, event)

        self.store._write_study(self.name, write, lock=True)

    def begin(self, *, alive: bool = True, read: bool = True) -> None:
        """Start its run; with `read`, its data are read and its baseline is fitted too."""
        if alive:
            self.store.take_lease(self.name, self.lease)
        self.append(StudyStatus(status="running", time=self.clock.now))
        if read:
            self.append(_data(self), BaselineFitted(time=self.clock.after(2), baseline=_BASELINE))

    def end(self, status: str = "completed", reason: str = "all trials done") -> None:
        self.append(StudyStatus(status=status, reason=reason, time=self.clock.after(1)))

    def die(self) -> None:
        """End its process before the study has ended, which is no event."""
        self.store.release_lease(self.name, self.lease)

    def train(self, number: int, *, texts: bool = False, epochs: int = EPOCHS, **end: object) -> SampleTrial:
        """A trial from its start to its end; it leads if it is the best one so far."""
        trial = self.trial(number, texts=texts)
        told = list(trial.whole(self.clock, epochs, **end))
        best = self.store.study(self.name).best_objective
        if end.get("status", "completed") == "completed" and (best is None or trial.score(epochs) > best):
            told.insert(-1, trial.lead(epochs, self.clock))
        self.append_all(told)
        return trial

    def train_to(self, number: int, epochs: int) -> SampleTrial:
        """A trial that still trains after so many epochs."""
        trial = self.trial(number)
        self.append(trial.start(self.clock), *(trial.epoch(epoch, self.clock) for epoch in range(1, epochs + 1)))
        return trial

    def batch(self, number: int, epoch: int, batch: int, batches: int = 40) -> None:
        """Show a batch of a running trial, which is in no log."""
        share = (epoch - 1 + batch / batches) / EPOCHS
        self.boards.put(
            self.name,
            BatchProgress(
                trial_number=number, epoch=epoch, epochs=EPOCHS, batch=batch, batches=batches,
                loss=round(2.3 * (1 - share), 3), accuracy=round(0.1 + 0.8 * share, 3),
            ),
        )  # fmt: skip
        sample = ResourceSample(trial_number=number, node="worker-1", cpu_percent=180.0, memory_bytes=900 * 2**20)
        self.boards.put(self.name, sample)

    def save_best(self, test_accuracy: float = 0.968) -> None:
        """Save and test the best trial's model."""
        row = self.store.study(self.name)
        assert row.best_trial_number is not None
        assert row.best_performance is not None
        place = self.folder / "best_model"
        saved_models.save(place, self.name)
        saved = BestModel(
            trial_number=row.best_trial_number, val_accuracy=row.best_performance.accuracy,
            test_accuracy=test_accuracy, test_loss=0.11, folder=str(place), time=self.clock.after(3),
        )  # fmt: skip
        self.append(saved)

    def _log(self, told: Iterable[DurableEvent]) -> None:
        with (self.folder / "study.log").open("a") as log:
            for event in told:
                for line in event_lines(event):
                    log.write(f"{event.time:%Y-%m-%dT%H:%M:%S}Z INFO {line}\n")
                if isinstance(event, TrialComplete) and event.error:
                    log.write(f"{event.time:%Y-%m-%dT%H:%M:%S}Z INFO the whole error of trial {event.trial_number}:\n")
                    log.write(f"{event.error}\n")


def fill(store: Store, results: Path, boards: ScriptedBoards, *, many: bool = False) -> dict[str, SampleStudy]:
    """Studies of every kind and status; with `many`, one of 10,000 trials too."""

    def study(name: str, **fields: object) -> SampleStudy:
        return SampleStudy(store, results, name, boards, **fields)

    made = [
        _waiting(study(WAITING, dataset="digits")),
        _failed(study(FAILED, dataset="birds")),
        _cancelled(study(CANCELLED, dataset="digits", trials=20)),
        _interrupted(study(INTERRUPTED, dataset="mnist", trials=20)),
        _completed(study(TEXTS, dataset="imdb", trials=8), texts=True),
        _completed(study(HEALTH, dataset="mnist", mode="health", trials=14)),
        _completed(study(COMPLETED, dataset="mnist", trials=12)),
        *([_many(study(MANY, dataset="digits", trials=TRIALS))] if many else []),
        _every_status(study(EVERY_STATUS, dataset="fashion_mnist", trials=40, scheduler="asha")),
        running(study(RUNNING, dataset="digits", mode="health", trials=40, concurrent_workers=2)),
    ]
    return {one.name: one for one in made}


def running(study: SampleStudy) -> SampleStudy:
    """Eight trials ended, the ninth and tenth train."""
    study.begin()
    for number in range(1, 9):
        trial = study.trial(number)
        if number % 3 == 0:
            study.train(number, epochs=3, **pruned_by(trial, 3))
        elif number == 4:
            study.train(number, findings=(problem(trial),))
        else:
            study.train(number)
    study.train_to(9, 5)
    study.train_to(10, 1)
    study.batch(9, 6, 10)
    study.batch(10, 2, 30)
    return study


def tried(study: SampleStudy) -> SampleStudy:
    """A completed study of three trials on digits that kept all models."""
    study.begin(alive=False, read=False)
    for number in (1, 2, 3):
        study.train(number)
    study.save_best()
    study.end()
    best = study.store.study(study.name).best_trial_number
    saved_models.change(study.folder / "best_model", trial_number=best, test_accuracy=0.968)
    for number in (1, 2, 3):
        folder = study.folder / "models" / f"trial-{number:05d}"
        saved_models.save(folder, study.name, trial_number=number, test_accuracy=None, test_loss=None)
    return study


def _waiting(study: SampleStudy) -> SampleStudy:
    return study


def _failed(study: SampleStudy) -> SampleStudy:
    study.begin(alive=False, read=False)
    study.end("failed", "data set 'birds' was deleted - GET /datasets lists those that are there")
    return study


def _cancelled(study: SampleStudy) -> SampleStudy:
    study.begin(alive=False)
    for number in range(1, 5):
        study.train(number)
    study.train(5, epochs=4, status="cancelled", cause="cancelled", reason="the study was cancelled")
    study.save_best(0.91)
    study.end("cancelled", "cancelled by a request")
    return study


def _interrupted(study: SampleStudy) -> SampleStudy:
    study.begin(alive=False)
    for number in range(1, 4):
        study.train(number)
    study.train_to(4, 2)
    return study


def _completed(study: SampleStudy, *, texts: bool = False) -> SampleStudy:
    study.begin(alive=False)
    for number in range(1, study.spec.trials + 1):
        trial = study.trial(number, texts=texts)
        if number in (5, 8):
            study.train(number, texts=texts, epochs=3, **pruned_by(trial, 3))
        elif number == 6 and study.healthy:
            study.train(number, texts=texts, findings=(problem(trial), problem(trial, "overfitting", 9)))
        else:
            study.train(number, texts=texts)
    study.save_best()
    study.end()
    return study


def _every_status(study: SampleStudy) -> SampleStudy:
    """Trials 1 to 10: two completed ones, then all other statuses; 6 and 7 failed by one cause; the last two train."""
    study.begin()
    study.train(1)
    study.train(2)
    study.train(3, epochs=3, **pruned_by(study.trial(3), 3))
    diverged = {"performance": None, "objective": None, "values": {}, "best_epoch": None}
    problems = (problem(study.trial(4), "divergence", 2),)
    reason = "its loss is not a finite number"
    study.train(4, epochs=1, status="diverged", cause="diverged", reason=reason, findings=problems, **diverged)
    rejected = study.trial(5)
    large = "81,324,042 parameters are more than max_parameters=5,000,000"
    study.append(rejected.end(study.clock, 0, "rejected", "too_large", large))
    fault = 'ValueError: Input 0 of layer "dense" is incompatible with the layer'
    study.append(study.trial(6).start(study.clock))
    study.append(study.trial(6).end(study.clock, 0, "failed", "error", fault, error=TRACEBACK))
    study.append(study.trial(7).end(study.clock, 0, "failed", "error", fault, error=TRACEBACK))
    study.train(8, epochs=2, status="cancelled", cause="cancelled", reason="the study was cancelled and resumed")
    study.train_to(9, 2)
    study.append(study.trial(10).start(study.clock))
    study.batch(9, 3, 20)
    return study


def _many(study: SampleStudy) -> SampleStudy:
    """TRIALS trials ended, one more trains: some are written by events, then copied in the database to be many."""
    study.begin()
    study.append_all(_first_ones(study))
    study.store._write_study(study.name, _multiply, lock=True)
    study.train_to(TRIALS + 1, 2)
    study.batch(TRIALS + 1, 3, 5)
    return study


def _first_ones(study: SampleStudy) -> Iterable[DurableEvent]:
    for number in range(1, WRITTEN + 1):
        trial = study.trial(number)
        end = pruned_by(trial, 3) if number % 4 == 0 else {}
        told = list(trial.whole(study.clock, 3 if end else EPOCHS, **end))
        yield from told if number <= 10 else (told[0], told[-1])
        if number == 10:
            best = Performance(total_score=0.985, accuracy=0.985, loss=0.05)
            yield NewBest(time=study.clock.now, trial_number=number, objective=0.985, performance=best)


def _multiply(connection: sa.Connection, study: int) -> None:
    """Copy the trials of a study, with their events, until there are TRIALS."""
    last = connection.scalar(
        sa.text("SELECT max(sequence) FROM tuner_events WHERE study_id = :study"), {"study": study}
    )
    copied = [column.name for column in tables.trials.c if column.name not in ("trial_number", "trial_id")]
    names = ", ".join(f'"{name}"' for name in copied)
    for copy in range(1, TRIALS // WRITTEN):
        given = {"study": study, "more": copy * WRITTEN, "place": copy * last, "last": last}
        connection.execute(
            sa.text(
                f"INSERT INTO tuner_trials ({names}, trial_number, trial_id) SELECT {names}, trial_number + :more, "
                "printf('%s-%05d', substr(trial_id, 1, length(trial_id) - 6), trial_number + :more) "
                f"FROM tuner_trials WHERE study_id = :study AND trial_number <= {WRITTEN}"
            ),
            given,
        )
        connection.execute(
            sa.text(
                "INSERT INTO tuner_events (study_id, sequence, event) SELECT study_id, sequence + :place, "
                "CASE WHEN json_extract(event, '$.trial_number') IS NULL THEN event "
                "ELSE json_set(event, '$.trial_number', json_extract(event, '$.trial_number') + :more) END "
                "FROM tuner_events WHERE study_id = :study AND sequence <= :last"
            ),
            given,
        )
    more = {name: tables.tallies.c[name] * (TRIALS // WRITTEN) for name in ("trials", "timed", "seconds", "saved_s")}
    connection.execute(sa.update(tables.tallies).where(tables.tallies.c.study_id == study).values(more))


_BASELINE = Baseline(
    name="logistic regression over 8 x 8 pixels",
    val_accuracy=0.874,
    test_accuracy=0.861,
    majority_val_accuracy=0.11,
    training_samples=1_200,
    seconds=1.8,
)


def _data(study: SampleStudy) -> DataRead:
    classes = tuple(ClassCount(label=str(digit), train=120, validation=30, test=30) for digit in range(10))
    notes = (Note(kind="read", text="pixels are scaled to [0, 1]"),)
    report = DataReport(kind="image", samples="8 x 8 pixels, greyscale", classes=classes, notes=notes)
    pixels = ImageInput(height=8, width=8, channels=1, scale=1 / 16, offset=0.0)
    space = described(make_space(study.spec, "cnn", pixels, {}))
    record = DataRecord(fingerprint="0123456789abcdef", report=report)
    return DataRead(time=study.clock.after(1), data=record, space=space)
