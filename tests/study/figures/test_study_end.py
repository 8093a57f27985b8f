"""A real study with figures of all its trials: they are there when it ends, and show what the store has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tuner.settings import Settings
from tuner.store import Store, StoreQueries
from tuner.study import StudyResult
from tuner.study.figures import SampleSource, StudyFigures, TrialFigures
from tuner.study.paths import StudyPaths

pytestmark = [pytest.mark.slow, pytest.mark.ray, pytest.mark.tensorflow]


def test_a_study_draws_itself_and_all_its_trials(run: Callable[..., StudyResult], settings: Settings) -> None:
    result = run(dataset="digits", sample_percentage=0.5, plot_generation="all")
    paths = StudyPaths(result.folder)
    assert result.status == "completed"
    assert "a figure of" not in paths.log.read_text()
    with Store.open(settings.store_url()) as store:
        assert {"history", "curves", "timeline"} <= {file.stem for file in paths.plots.glob("*.png")}
        assert {file.stem for file in paths.plots.glob("*.png")} <= set(StudyFigures(store, "s").names())
        for trial in store.trials("s"):
            number = trial.trial_number
            drawn = {file.stem for file in paths.trial_plots(number).iterdir()}
            names = set(TrialFigures(store, "s", number).names())
            always = {"training", "confusion", "class_scores", "calibration", "activations", "animation", "weights"}
            assert always <= drawn <= names

        assert result.best is not None
        number = result.best.trial_number
        source = SampleSource.of(store.study("s"), settings)
        of_the_best = source.predictions(result.best)
        assert of_the_best.accuracy == pytest.approx(result.best.performance.accuracy)  # type: ignore[union-attr]
        assert source.test_predictions(result.best).accuracy == result.test_accuracy
        summaries = StoreQueries(store).summaries("s", number)
        counted = summaries[result.best.best_epoch or 0].confusion
        assert np.array_equal(of_the_best.confusion, counted), "the training counted what the saved model predicts"
