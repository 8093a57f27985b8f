"""The figures of one trial: how it trained, and what its network does with samples.

Figures of samples use validation data. Only the best trial has figures on test data, from the predictions of its one
test. A figure whose data were not kept says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from tuner.data import Array
from tuner.errors import FixInputError, nearest
from tuner.plots.samples import Predictions
from tuner.plots.style import Caption, nothing
from tuner.store import Store
from tuner.study.figures.catalogue import ANIMATION, TEST_FIGURES, TRIAL_FIGURES
from tuner.study.figures.rows import TrialRows, caption_of, samples_in
from tuner.study.figures.samples import NoSamplesError, SampleSource

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.figure import Figure

MISTAKES, IMAGES, TEXTS = 12, 4, 3
"""Samples in a figure: of mistakes, and of activations over images or texts."""
NUMBERS = "#17 is the word with index 17 in the data set's file, which has no words"
MEASURED = 64
"""Samples on which gradients and units are measured after an epoch: `tuner.training.probe.BATCH`."""


class TrialFigures:
    """Makes the figures of one trial. They are made anew with each call; what they share is read once.

    Args:
        samples: Gives figures the saved model and the data; None: the study's own files do.

    Raises:
        UnknownStudyError, FixInputError: there is no such study or trial.
    """

    def __init__(self, store: Store, name: str, number: int, samples: SampleSource | None = None) -> None:
        self._set(TrialRows.read(store, name, number), samples)

    @classmethod
    def of(cls, rows: TrialRows, samples: SampleSource | None = None) -> Self:
        """The figures of rows that were read before."""
        made = cls.__new__(cls)
        made._set(rows, samples)
        return made

    def _set(self, rows: TrialRows, samples: SampleSource | None) -> None:
        self._rows, self._study, self._trial = rows, rows.study, rows.trial
        self._samples = samples or SampleSource.of(rows.study)

    def names(self) -> list[str]:
        """The figures that this trial has; none before its first epoch."""
        if not self._rows.epochs:
            return []
        return [name for name in TRIAL_FIGURES if self._is_tested or name not in TEST_FIGURES]

    def figure(self, name: str) -> Figure:
        """The figure of this name. It says so if there is nothing to draw.

        Raises FixInputError for a name that is not in `names`, or for the animation, which is a file.
        """
        drawings: Mapping[str, Callable[[], Figure]] = {
            "training": self._training,
            "confusion": self._confusion,
            "class_scores": self._class_scores,
            "calibration": self._calibration,
            "mistakes": self._mistakes,
            "activations": self._activations,
            "gradients": self._gradients,
            "weights": self._weights,
            "units": self._units,
            "test_confusion": self._test_confusion,
            "test_class_scores": self._test_class_scores,
            "test_calibration": self._test_calibration,
        }
        self._check(name)
        if name not in drawings:
            raise FixInputError(f"{name} is a file, not a figure", remedy="ask for its format gif")
        try:
            return drawings[name]()
        except NoSamplesError as error:
            part = "test" if name in TEST_FIGURES else "validation"
            return nothing(TRIAL_FIGURES[name], _sentence(str(error)), self._caption(part))

    def animation(self, file: Path) -> Path:
        """Write the animation to a .gif file, or to an .mp4 file, which needs ffmpeg; return the file."""
        from tuner.plots.animation import animate

        self._check(ANIMATION)
        file.parent.mkdir(parents=True, exist_ok=True)
        rows = self._rows
        return animate(rows.epochs, rows.summaries, self._labels, self._both, file)

    def _check(self, name: str) -> None:
        if name not in self.names():
            number = self._trial.trial_number
            raise FixInputError(
                f"trial {number} has no figure {name!r}",
                remedy=nearest(name, self.names()) if self.names() else "it has trained no epoch",
            )

    @property
    def _is_tested(self) -> bool:
        return self._trial.trial_number == self._study.best_trial_number and self._study.test_accuracy is not None

    @property
    def _labels(self) -> tuple[str, ...]:
        data = self._study.data
        return () if data is None else tuple(count.label for count in data.report.classes)

    def _caption(self, part: str | None = None, note: str | None = None) -> Caption:
        number = self._trial.trial_number
        running = "still training" if self._trial.status == "running" else None
        notes = "; ".join(text for text in (note, running) if text)
        return caption_of(self._study, number, part, notes or None)  # type: ignore[arg-type]

    @property
    def _both(self) -> Caption:
        """The caption of a figure about training and validation data."""
        train, validation = samples_in(self._study, "train"), samples_in(self._study, "validation")
        caption = self._caption()
        if train is None or validation is None:
            return caption
        split = f"{train:,} training and {validation:,} validation samples"
        return Caption(caption.dataset, split, None, caption.trial, caption.note)

    @property
    def _measured(self) -> Caption:
        """The caption of a figure about what the training measured on a few validation samples after epochs."""
        caption = self._caption("validation")
        return replace(caption, samples=min(MEASURED, caption.samples or MEASURED))

    def _training(self) -> Figure:
        from tuner.plots.training import training_figure

        baseline = self._study.baseline
        return training_figure(
            self._rows.epochs,
            self._rows.summaries,
            self._trial.best_epoch,
            None if baseline is None else baseline.val_accuracy,
            self._both,
        )

    def _gradients(self) -> Figure:
        from tuner.plots.layers import gradients_figure

        return gradients_figure(self._rows.summaries, self._measured)

    def _weights(self) -> Figure:
        from tuner.plots.layers import weights_figure

        return weights_figure(self._rows.summaries, self._caption())

    def _units(self) -> Figure:
        from tuner.plots.layers import units_figure

        return units_figure(self._rows.summaries, self._measured)

    @cached_property
    def _predictions(self) -> Predictions:
        return self._samples.predictions(self._trial)

    def _counted(self) -> tuple[Predictions, Caption]:
        """The predictions, or without the model those that the training counted, of which only classes are known."""
        try:
            return self._predictions, self._caption("validation", self._weights_note)
        except NoSamplesError:
            found = self._counted_in_training()
            if found is None:
                raise
            epoch, predictions = found
            return predictions, self._caption("validation", f"counted after epoch {epoch}")

    def _counted_in_training(self) -> tuple[int, Predictions] | None:
        """The epoch with the latest count up to the best one, or the first one after it, and its predictions."""
        counts = {epoch: one.confusion for epoch, one in self._rows.summaries.items() if one.confusion is not None}
        if not counts or not self._labels:
            return None
        best = self._trial.best_epoch or max(counts)
        epoch = max((epoch for epoch in counts if epoch <= best), default=min(counts))
        confusion = np.asarray(counts[epoch])
        classes = len(self._labels)
        if confusion.shape != (classes, classes):
            return None
        true, predicted = (places.ravel() for places in np.indices(confusion.shape))
        times = confusion.ravel()
        probabilities = np.eye(classes, dtype=np.float32)[np.repeat(predicted, times)]
        return epoch, Predictions("validation", np.repeat(true, times), probabilities, self._labels)

    @property
    def _weights_note(self) -> str | None:
        best = self._trial.best_epoch
        return None if best is None else f"weights of epoch {best}"

    def _confusion(self) -> Figure:
        from tuner.plots.confusion import confusion_figure

        return confusion_figure(*self._counted())

    def _class_scores(self) -> Figure:
        from tuner.plots.class_scores import class_scores_figure

        return class_scores_figure(*self._counted())

    def _calibration(self) -> Figure:
        from tuner.plots.calibration import calibration_figure

        return calibration_figure(self._predictions, self._caption("validation", self._weights_note))

    def _mistakes(self) -> Figure:
        from tuner.plots.mistakes import mistakes_figure, most_confident_mistakes

        indices = most_confident_mistakes(self._predictions, MISTAKES)
        # Without mistakes the data are not needed.
        shown = self._samples.shown(indices) if len(indices) else ()
        numbers = NUMBERS if shown and self._samples.shows_numbers else None
        note = "; ".join(text for text in (self._weights_note, numbers) if text)
        return mistakes_figure(self._predictions, indices, shown, self._caption("validation", note))

    def _activations(self) -> Figure:
        from tuner.plots.activations import activations_figure, token_activity_figure

        source, trial = self._samples, self._trial
        images = source.has_images
        indices = source.of_different_classes(IMAGES if images else TEXTS)
        names = self._named(indices)
        caption = replace(self._caption("validation", self._weights_note), samples=len(indices))
        if images:
            maps, shown = source.feature_maps(trial, indices), source.shown(indices)
            if maps is None:
                raise NoSamplesError("this network has no convolution layers")
            assert not isinstance(shown, tuple)
            filters = f"the {maps[0].maps.shape[-1]} most active filters"
            note = f"{caption.note}; {filters}" if caption.note else filters
            return activations_figure(*maps, shown, names, replace(caption, note=note))
        activity = source.token_activity(trial, indices)
        if activity is None:
            raise NoSamplesError("no layer of this network has an output for each word")
        if source.shows_numbers:
            caption = replace(caption, note=f"{caption.note}; {NUMBERS}" if caption.note else NUMBERS)
        return token_activity_figure(activity, names, caption)

    def _named(self, indices: Array | Sequence[int]) -> list[str]:
        """The class of each sample, with the predicted one where that is another one: `7, predicted 9`."""
        names = self._samples.classes(indices)
        try:
            found = self._predictions
        except NoSamplesError:  # of a refitted model: what it predicts for samples that it was trained on says nothing
            return names
        predicted = (found.labels[found.predicted[index]] for index in indices)
        pairs = zip(names, predicted, strict=True)
        return [name if name == other else f"{name}, predicted {other}" for name, other in pairs]

    def _test_confusion(self) -> Figure:
        from tuner.plots.confusion import confusion_figure

        return confusion_figure(*self._tested)

    def _test_class_scores(self) -> Figure:
        from tuner.plots.class_scores import class_scores_figure

        return class_scores_figure(*self._tested)

    def _test_calibration(self) -> Figure:
        from tuner.plots.calibration import calibration_figure

        return calibration_figure(*self._tested)

    @cached_property
    def _tested(self) -> tuple[Predictions, Caption]:
        return self._samples.test_predictions(self._trial), self._caption("test", "the one test of the saved model")


def _sentence(text: str) -> str:
    """A message as a sentence: with a capital letter and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
