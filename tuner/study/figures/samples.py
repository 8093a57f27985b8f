"""Gives figures what they show of samples: predictions, images or texts, and the responses of layers.

The data and the model are loaded on first use, the data once for all trials of a study. What cannot be shown is a
`NoSamplesError`, whose message is the sentence that the figure says instead.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from tuner.data import FIRST_WORD, UNKNOWN, Array, Data, ImageInput, TextInput
from tuner.datasets.downloadable import DOWNLOADABLE, place_of
from tuner.datasets.fetch import cache_folder
from tuner.errors import FixInputError, TunerError
from tuner.plots.samples import FeatureMaps, Images, Predictions, Shown, TokenActivity
from tuner.settings import Settings
from tuner.store import StudyRow, TrialRow
from tuner.study.figures.rows import dataset_name
from tuner.study.figures.word_names import LAST_MARK, word_names
from tuner.study.paths import TEST_PREDICTIONS, VALIDATION_PREDICTIONS, StudyPaths
from tuner.study.predictions_file import load_predictions
from tuner.study.saved_model import SavedModel, usable_model

log = logging.getLogger("tuner.study")

BATCH = 256
UNKNOWN_WORD = "[…]"
"""What stands for a word outside the network's vocabulary."""

DataLoader = Callable[[], Data]


class NoSamplesError(FixInputError):
    """Do what the message names, then draw the figure again: it cannot show samples now."""


@dataclass(frozen=True)
class ValidationSamples:
    """The validation samples of a study as its networks take them, and how to show them."""

    input: ImageInput | TextInput
    labels: tuple[str, ...]
    x: Array
    y: Array
    word_names: Mapping[int, str]
    """The words of a data set of word indices, by index, as far as they are known."""

    @property
    def shows_numbers(self) -> bool:
        """Whether texts are shown as numbers, since the data set has no words."""
        numbers = isinstance(self.input, TextInput) and self.input.form == "word_indices"
        return numbers and max(self.word_names, default=0) <= LAST_MARK

    def shown(self, indices: Array | Sequence[int]) -> Shown:
        """What these samples look like: images with pixels in [0, 1] and 1 or 3 channels, or texts as words."""
        chosen = self.x[np.asarray(indices, np.intp)]
        if isinstance(self.input, TextInput):
            return tuple(" ".join(map(self.word, row[row != 0].tolist())) for row in chosen)
        pixels = np.clip(chosen.astype(np.float32) * self.input.scale + self.input.offset, 0, 1)
        return Images(pixels if pixels.shape[-1] in (1, 3) else pixels.mean(axis=-1, keepdims=True))

    def word(self, token: int) -> str:
        """The word of a token; where it is not known, the word's index such as `#17`."""
        assert isinstance(self.input, TextInput)
        if token <= UNKNOWN or token - FIRST_WORD >= len(self.input.vocabulary):
            return UNKNOWN_WORD
        word = self.input.vocabulary[token - FIRST_WORD]
        return word if isinstance(word, str) else self.word_names.get(word, f"#{word}")


class _Loaded(NamedTuple):
    """The network of one trial."""

    number: int
    network: Any


class SampleSource:
    """The validation samples of a study and the saved models of its trials.

    Args:
        load: Loads the study's data; called once, when a figure needs samples.
        data_dir: A folder with data files; the words of a data set of word indices may be there too.
        threads: CPU threads of TensorFlow, unless this process has used it before.
    """

    def __init__(
        self, study: StudyRow, load: DataLoader, threads: int | None = None, data_dir: Path | None = None
    ) -> None:
        self._study, self._load = study, load
        self._folders = [Path(folder) for folder in (study.spec.data_dir, data_dir, cache_folder()) if folder]
        self._threads = threads or os.cpu_count() or 1
        self._paths = StudyPaths(Path(study.folder))
        self._network: _Loaded | None = None

    @classmethod
    def of(cls, study: StudyRow, settings: Settings | None = None) -> Self:
        """A source that reads the study's data from the files on this machine: a figure downloads nothing."""
        known = settings or Settings()

        def load() -> Data:
            from tuner.study.plan import load_data

            folder = known.data_dir if study.spec.data_dir is None else Path(study.spec.data_dir)
            if study.spec.dataset in DOWNLOADABLE and place_of(study.spec.dataset, folder) is None:
                raise FixInputError("it would have to be downloaded", remedy="set TUNER_DATA_DIR to the folder with it")
            return load_data(study.spec, known)[0]

        return cls(study, load, data_dir=known.data_dir)

    def predictions(self, trial: TrialRow) -> Predictions:
        """What the trial's network of the search predicts for the validation samples, from a file if there is one.

        Raises NoSamplesError if that is not known.
        """
        saved = self._saved(trial)
        found = load_predictions(saved.file.with_name(VALIDATION_PREDICTIONS))
        labels = tuple(saved.metadata["labels"])
        if found is None or found[1].shape[1] != len(labels):
            if saved.refitted:
                raise NoSamplesError(
                    f"the model of trial {trial.trial_number} was trained once more, on the validation samples too: "
                    "only its figures on test data are fair"
                )
            samples = self._samples
            found = (
                samples.y,
                self._network_of(trial, saved).predict(self._prepared(samples, trial), batch_size=BATCH, verbose=0),
            )
        y, probabilities = found
        return Predictions("validation", y, probabilities, labels)

    def test_predictions(self, trial: TrialRow) -> Predictions:
        """What the best model predicted at its one test. Raises NoSamplesError if that was not kept."""
        saved = usable_model(self._paths.best_model, self._study.name)
        file = self._paths.best_model / TEST_PREDICTIONS
        found = None if saved is None or saved.trial_number != trial.trial_number else load_predictions(file)
        if saved is None or found is None or found[1].shape[1] != len(saved.metadata["labels"]):
            raise NoSamplesError("the predictions of the test were not kept: an older tuner tested this model")
        return Predictions("test", *found, tuple(saved.metadata["labels"]))

    def shown(self, indices: Array | Sequence[int]) -> Shown:
        """The images or texts of validation samples. Raises NoSamplesError if the data cannot be read."""
        return self._samples.shown(indices)

    def classes(self, indices: Array | Sequence[int]) -> list[str]:
        """The names of the true classes of validation samples."""
        return [self._samples.labels[number] for number in self._samples.y[np.asarray(indices, np.intp)]]

    def of_different_classes(self, count: int) -> Array:
        """The indices of at most `count` validation samples, of as many classes as possible: the first ones of each."""
        y = self._samples.y
        firsts = np.unique(y, return_index=True)[1]
        others = np.setdiff1d(np.arange(len(y)), firsts)
        return np.concatenate([firsts, others])[:count]

    @property
    def has_images(self) -> bool:
        return isinstance(self._samples.input, ImageInput)

    @property
    def shows_numbers(self) -> bool:
        """Whether texts are shown as numbers, since the data set has no words."""
        return self._samples.shows_numbers

    def feature_maps(self, trial: TrialRow, indices: Array | Sequence[int]) -> tuple[FeatureMaps, FeatureMaps] | None:
        """What the first and the last convolution block respond to these images; None: it has no convolutions.

        Raises NoSamplesError if the model or the data are not there.
        """
        from tuner.study.figures.network import feature_maps

        network, x = self._network_of(trial, self._saved(trial)), self._prepared(self._samples, trial)
        return feature_maps(network, x[np.asarray(indices, np.intp)])

    def token_activity(self, trial: TrialRow, indices: Array | Sequence[int]) -> TokenActivity | None:
        """How strongly the encoder responds to each word of these texts; None: no layer keeps the words.

        Raises NoSamplesError if the model or the data are not there.
        """
        from tuner.study.figures.network import token_activity

        network, x = self._network_of(trial, self._saved(trial)), self._prepared(self._samples, trial)
        return token_activity(network, x[np.asarray(indices, np.intp)], self._samples.word)

    @cached_property
    def _samples(self) -> ValidationSamples:
        try:
            data = self._load()
        except TunerError as error:
            # The reason names folders of this machine, which a figure shows to everyone who may see the study.
            log.warning("figures of study %s show no samples: %s", self._study.name, error)
            raise NoSamplesError(f"the data set {dataset_name(self._study)} cannot be read on this machine") from error
        changes = [] if self._study.data is None else self._study.data.changes(data.record)
        if changes:
            raise NoSamplesError(f"the data have changed since the study began: {', '.join(changes[:3])}")
        # The training samples are released here.
        names = word_names(self._study.spec.dataset, self._folders)
        return ValidationSamples(data.input, data.labels, data.validation.x, data.validation.y, names)

    def _saved(self, trial: TrialRow) -> SavedModel:
        """The trial's model, if possible of the search. Raises NoSamplesError if it was not saved."""
        number, name = trial.trial_number, self._study.name
        kept = usable_model(self._paths.kept_model(number), name, best=False)
        if kept is not None:
            return kept
        best = usable_model(self._paths.best_model, name)
        if best is not None and best.trial_number == number:
            return best
        if number == self._study.best_trial_number:
            raise NoSamplesError(f"the model of trial {number} is not saved yet, or its files were moved")
        raise NoSamplesError(
            f"the model of trial {number} was not kept: plot_generation=all or keep_models=all keeps it in a new study"
        )

    def _network_of(self, trial: TrialRow, saved: SavedModel) -> Any:
        if self._network is None or self._network.number != trial.trial_number:
            from tuner.study.figures.network import network_of
            from tuner.study.prediction import load_model

            try:
                model = load_model(saved.file, self._study.spec.model, self._threads)
            except TunerError as error:
                log.warning("figures of study %s show no activations: %s", self._study.name, error)
                raise NoSamplesError(f"the model of trial {trial.trial_number} cannot be loaded here") from error
            self._network = _Loaded(trial.trial_number, network_of(model))
        return self._network.network

    def _prepared(self, samples: ValidationSamples, trial: TrialRow) -> Array:
        """The validation samples as the trial's network takes them: pixels, or tokens of its vocabulary."""
        if isinstance(samples.input, ImageInput):
            return samples.x
        length, size = (int(trial.hyperparameters[name]) for name in ("sequence_length", "vocabulary_size"))
        cut = samples.x[:, :length]
        return np.where(np.less(cut, size), cut, np.asarray(UNKNOWN, cut.dtype))
