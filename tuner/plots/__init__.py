"""Figures from stored results. Matplotlib is imported only when something is drawn."""

from tuner.plots.figures import draw_study

__all__ = ["draw_study"]
