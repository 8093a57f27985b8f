"""Draws the figures of studies and trials from the store, the saved models and the data.

Nothing here imports TensorFlow or matplotlib until a figure needs it.
"""

from tuner.study.figures.catalogue import ANIMATION, INTERACTIVE, SHOWS, STUDY_FIGURES, TEST_FIGURES, TRIAL_FIGURES
from tuner.study.figures.drawing import Drawn, draw_study, draw_trial
from tuner.study.figures.rows import TrialRows
from tuner.study.figures.samples import SampleSource
from tuner.study.figures.study_figures import StudyFigures
from tuner.study.figures.trial_figures import TrialFigures
from tuner.study.study_figure import StudyRows

__all__ = [
    "ANIMATION",
    "INTERACTIVE",
    "SHOWS",
    "STUDY_FIGURES",
    "TEST_FIGURES",
    "TRIAL_FIGURES",
    "Drawn",
    "SampleSource",
    "StudyFigures",
    "StudyRows",
    "TrialFigures",
    "TrialRows",
    "draw_study",
    "draw_trial",
]
