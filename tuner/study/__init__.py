"""Composition: a spec becomes a plan, a Ray Tune run, rows in the store and a folder of results."""

from tuner.study.cancellation import cancel
from tuner.study.driver import resume, run
from tuner.study.result import StudyResult, StudyView, view
from tuner.study.stop_signal import StopSignal

__all__ = ["StopSignal", "StudyResult", "StudyView", "cancel", "resume", "run", "view"]
