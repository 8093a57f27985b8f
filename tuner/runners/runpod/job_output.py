"""Turns the values that a job yields into the events of its trial: validated, in order, each once.

The service delivers a value at least once, may start a job again on another worker, and loses values when a connection
drops. So a repeated epoch is dropped, an early one waits for those before it, and the end waits for everything that its
worker yielded before. Events get this machine's time, since a worker has another clock.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from tuner.events import BatchProgress, EpochProgress, TrialComplete, TrialEvent, TrialStart, now
from tuner.remote_protocol import Answer, Weights, WeightsPart
from tuner.runners.runpod.api import BadAnswerError
from tuner.spec_parts import one_line
from tuner.trial_spec import TrialSpec

MOST_PARTS = 100
"""Parts of weights: more than a job's output can hold."""


class JobOutput:
    """The values of one trial's job, in any order and number; a wrong value raises BadAnswerError."""

    def __init__(self, trial: TrialSpec) -> None:
        self._trial = trial
        self._started = False
        self._early: dict[int, EpochProgress] = {}
        self._end: Answer | None = None
        self._seen: dict[str, set[int]] = defaultdict(set)
        self._weights: dict[str, list[Weights]] = defaultdict(list)
        self.last_epoch = 0
        self.training_s = 0.0
        """Duration of the epochs so far."""
        self.complete = False
        """Whether the trial's end was returned."""

    @property
    def started(self) -> bool:
        """Whether the trial has started to train, or has ended."""
        return self._started or self.complete

    @property
    def weights(self) -> list[Weights]:
        """The parts of the best weights that came before the end, from the worker that sent the end."""
        return self._weights[self._end.delivery] if self._end is not None else []

    def take(self, value: Any) -> Iterator[TrialEvent]:
        """Yield the events that are complete with this value."""
        answer = self._checked(value)
        if answer.number in self._seen[answer.delivery]:
            return
        self._seen[answer.delivery].add(answer.number)
        match answer.event:
            case None:
                assert answer.weights is not None
                self._weights[answer.delivery].append(answer.weights)
            case TrialStart() as start:
                if not self.started:
                    self._started = True
                    yield start
            case BatchProgress() as progress:
                if self._started and not self.complete and progress.epoch == self.last_epoch + 1:
                    yield progress
            case EpochProgress() as epoch:
                if epoch.epoch > self.last_epoch:
                    self._early.setdefault(epoch.epoch, epoch)
            case TrialComplete():
                self._end = self._end or answer
        yield from self._due()

    def finish(self) -> Iterator[TrialEvent]:
        """Yield the remaining events, as no value will follow: the end, if only batches or weights are missing."""
        yield from self._due(last=True)

    def _due(self, *, last: bool = False) -> Iterator[TrialEvent]:
        """Yield the epochs that follow the last one, and the end once nothing before it is missing."""
        while self._started and (epoch := self._early.pop(self.last_epoch + 1, None)) is not None:
            self.last_epoch = epoch.epoch
            self.training_s += epoch.duration_s
            yield epoch
        if self._end is None or self.complete:
            return
        end, number, seen = self._end.event, self._end.number, self._seen[self._end.delivery]
        assert isinstance(end, TrialComplete)
        if end.epochs_trained != self.last_epoch or not (self._started or end.status in ("rejected", "failed")):
            return
        if last or len([one for one in seen if one <= number]) == number + 1:
            self.complete = True
            yield end

    def _checked(self, value: Any) -> Answer:
        try:
            answer = Answer.model_validate(value)
        except ValidationError as error:
            what = one_line(error.errors(include_url=False)[0])
            raise BadAnswerError(f"the worker yielded an invalid answer: {what[:200]}") from None
        event = answer.event
        if event is None:
            if isinstance(answer.weights, WeightsPart) and answer.weights.parts > MOST_PARTS:
                raise BadAnswerError(f"the worker announced {answer.weights.parts:,} parts of weights")
            return answer
        trial = self._trial
        if event.trial_number != trial.trial_number or getattr(event, "trial_id", trial.trial_id) != trial.trial_id:
            raise BadAnswerError(f"the worker answered for another trial than {trial.trial_id}")
        if getattr(event, "hyperparameters", trial.hyperparameters) != trial.hyperparameters:
            raise BadAnswerError("the worker trained with other hyperparameters than requested")
        if not 0 <= getattr(event, "epoch", 0) <= trial.epochs:
            raise BadAnswerError(f"the worker reported an epoch above {trial.epochs}")
        try:
            json.dumps(event.model_dump(), allow_nan=False, default=str)
        except ValueError:
            raise BadAnswerError(f"the worker yielded a {event.type} with a number that is not finite") from None
        return answer.model_copy(update={"event": event.model_copy(update={"time": now()})})
