"""The sentence above a figure's axes that says what the figure shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuner.plots.style import LABEL_SIZE, wrap

if TYPE_CHECKING:  # matplotlib takes a third of a second to import
    from matplotlib.axes import Axes


def write_finding(axes: Axes, sentence: str, pad: float = 6.0) -> None:
    """Write a sentence above the axes, from the left end of the figure, in lines as wide as the figure.

    `sentence` is drawn as it is: names in it have to be `drawable`. `pad` is the distance to the axes in points.
    """
    from matplotlib.transforms import blended_transform_factory

    figure = axes.get_figure(root=True)
    assert figure is not None
    width, _ = figure.get_size_inches()
    title = axes.set_title(wrap(sentence, width, LABEL_SIZE), loc="left", fontsize=LABEL_SIZE, pad=pad)
    # A title of axes starts at the left end of the axes; long class names would leave it little room.
    title.set_transform(blended_transform_factory(figure.transFigure, title.get_transform()))
    title.set_x(0.1 / width)
