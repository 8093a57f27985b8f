"""Draws figures of stored results. Matplotlib is imported only when a figure is drawn."""

from tuner.plots.figures import draw_study
from tuner.plots.front import draw_front
from tuner.plots.health import draw_health

__all__ = ["draw_front", "draw_health", "draw_study"]
