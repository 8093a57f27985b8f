"""What Optuna draws, in our look: its points are the rows' values, and nothing global is left changed."""

from __future__ import annotations

import matplotlib
import numpy as np
import optuna
import pytest
from matplotlib import pyplot
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState, create_trial

from tuner.errors import FixInputError
from tuner.plots import optuna_figures
from tuner.plots.optuna_figures import MOST_LINES, interactive, parallel_figure, slices_figure
from tuner.plots.style import Caption, to_png

CAPTION = Caption("digits", note="4 trials")
KINDS = {
    "rate": FloatDistribution(1e-4, 1.0, log=True),
    "layers": IntDistribution(1, 3),
    "kernel": CategoricalDistribution((3, 5, 7)),
    "kind": CategoricalDistribution(("adam", "s$d")),
    "extra": FloatDistribution(0.0, 1.0),
}
TRIALS = [
    (0.5, {"rate": 0.001, "layers": 1, "kernel": 3, "kind": "adam"}),
    (0.9, {"rate": 0.01, "layers": 3, "kernel": 7, "kind": "s$d", "extra": 0.5}),
    (0.7, {"rate": 0.1, "layers": 2, "kernel": 5, "kind": "adam", "extra": 0.25}),
]
NAMES = ["layers", "rate", "kernel", "kind"]


def study(trials=TRIALS, names=("val_accuracy",), directions=("maximize",)):
    made = optuna.create_study(directions=directions)
    made.set_metric_names(list(names))
    made.add_trial(create_trial(state=TrialState.WAITING))
    for value, params in trials:
        values = value if isinstance(value, tuple) else (value,)
        made.add_trial(create_trial(values=values, params=params, distributions={name: KINDS[name] for name in params}))
    made.add_trial(
        create_trial(state=TrialState.PRUNED, params={"layers": 1}, distributions={"layers": KINDS["layers"]})
    )
    return made


pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")


def height(axis, value):
    """The place of a value on an axis, as a share of its height."""
    low, high = axis.get_ylim()
    if axis.get_yscale() == "log":
        low, high, value = np.log10([low, high, value])
    return (value - low) / (high - low)


def test_each_line_goes_through_the_values_of_its_trial():
    figure = parallel_figure(study(), 0, NAMES, CAPTION)
    main, _, *others = figure.axes
    (lines,) = main.collections
    segments = lines.get_segments()
    assert lines.get_array().tolist() == [0.5, 0.7, 0.9], "the best is drawn last"
    assert [segment[0, 1] for segment in segments] == [0.5, 0.7, 0.9]
    labels = [label.get_text().replace("\n", "") for label in main.get_xticklabels()]
    assert labels == ["validation accuracy", "kernel", "kind", "layers", "rate"]
    by_name = dict(zip(labels[1:], others, strict=True))
    for (value, params), segment in zip(sorted(TRIALS, key=lambda one: one[0]), segments, strict=True):
        assert height(main, segment[0, 1]) == pytest.approx((value - 0.5) / 0.4)
        for place, name in enumerate(labels[1:], start=1):
            drawn = height(main, segment[place, 1])
            axis = by_name[name]
            ticks = dict(zip([text.get_text() for text in axis.get_yticklabels()], axis.get_yticks(), strict=True))
            if name in ("rate", "layers"):
                assert drawn == pytest.approx(height(axis, params[name]))
                assert ticks[f"{params[name]:g}"] == pytest.approx(params[name]), "a tick at each of few values"
            else:
                assert drawn == pytest.approx(height(axis, ticks[str(params[name]).replace("$", r"\$")]))


def test_a_trial_without_a_hyperparameter_is_at_the_tick_not_used():
    figure = parallel_figure(study(), 0, ["extra"], CAPTION)
    (axis,) = figure.axes[2:]
    ticks = {text.get_text(): at for text, at in zip(axis.get_yticklabels(), axis.get_yticks(), strict=True)}
    segment = figure.axes[0].collections[0].get_segments()[0]
    assert height(figure.axes[0], segment[1, 1]) == pytest.approx(height(axis, ticks["not used"]))
    assert figure.get_supxlabel() == "digits · 4 trials; 1 of 5 hyperparameters"


def in_order(figure):
    """The panels by row and column, then the bar of colours."""
    *panels, bar = figure.axes
    return [*sorted(panels, key=lambda panel: panel.get_subplotspec().num1), bar]


def test_slices_are_panels_in_the_given_order_with_the_values_of_completed_trials():
    figure = slices_figure(study(), 0, NAMES, CAPTION)
    *panels, bar = in_order(figure)
    assert [panel.get_xlabel() for panel in panels] == NAMES
    for name, panel in zip(NAMES, panels, strict=True):
        points = panel.collections[0]
        texts = [label.get_text() for label in panel.get_xticklabels()]
        for (x, y), number in zip(points.get_offsets().tolist(), points.get_array().tolist(), strict=True):
            value, params = TRIALS[int(number) - 1]
            assert y == value
            shown = x if name in ("rate", "layers") else texts[int(x)].replace("\\", "")
            assert shown == (params[name] if name in ("rate", "layers") else str(params[name]))
    assert bar.get_ylabel() == "trial"
    layers, _, kernel, _ = panels
    assert [label.get_text() for label in kernel.get_xticklabels()] == ["3", "5", "7"], "in the order of the choices"
    assert [label.get_text() for label in layers.get_xticklabels()] == ["1", "2", "3"]


def test_panels_are_in_rows():
    five = slices_figure(study(), 0, [*NAMES, "extra"], CAPTION)
    rows = [panel.get_subplotspec().rowspan.start for panel in in_order(five)[:-1]]
    assert rows == [0, 0, 0, 0, 1]
    assert to_png(five).startswith(b"\x89PNG")
    assert to_png(slices_figure(study(), 0, ["rate"], CAPTION)).startswith(b"\x89PNG")


def test_of_several_objectives_one_is_shown_and_low_ones_are_dark_where_they_are_better():
    two = study([((0.5, 300.0), {"layers": 1}), ((0.9, 900.0), {"layers": 2})],
                ("val_accuracy", "parameter_count"), ("maximize", "minimize"))  # fmt: skip
    figure = parallel_figure(two, 1, ["layers"], CAPTION)
    (lines,) = figure.axes[0].collections
    assert lines.get_array().tolist() == [900, 300]
    assert lines.get_cmap().name == "cividis"
    assert figure.axes[1].get_ylabel() == "number of parameters, lower is better"
    assert slices_figure(two, 1, ["layers"], CAPTION).axes[0].get_ylabel() == "number of parameters, lower is better"


def test_of_many_trials_the_best_and_some_of_the_others_are_lines():
    many = study([(number / 1000, {"layers": 1 + number % 3}) for number in range(1000)])
    figure = parallel_figure(many, 0, ["layers"], CAPTION)
    shown = figure.axes[0].collections[0].get_array()
    assert len(shown) == MOST_LINES
    assert sorted(shown)[-50:] == [number / 1000 for number in range(950, 1000)]
    assert f"{MOST_LINES} of 1,000 completed trials: the best 50, and 50 spread evenly" in " ".join(
        figure.get_supxlabel().split()
    )


@pytest.mark.parametrize("draw", [parallel_figure, slices_figure])
@pytest.mark.parametrize("trials", [[], TRIALS[:1]])
def test_fewer_than_two_completed_trials_are_a_sentence(draw, trials):
    (text,) = draw(study(trials), 0, NAMES, CAPTION).axes[0].texts
    assert text.get_text() == "At least two trials must have completed to compare their hyperparameters."


def test_pyplot_and_its_settings_are_as_before():
    before = dict(matplotlib.rcParams)
    open_figures = pyplot.get_fignums()
    parallel_figure(study(), 0, NAMES, CAPTION)
    slices_figure(study(), 0, NAMES, CAPTION)
    assert dict(matplotlib.rcParams) == before
    assert pyplot.get_fignums() == open_figures


@pytest.mark.parametrize("kind", ["history", "curves", "parallel", "slices", "timeline"])
@pytest.mark.parametrize("trials", [[], TRIALS])
def test_interactive_figures_are_plotlys(kind, trials):
    figure = interactive(study(trials), kind)
    assert type(figure).__module__.startswith("plotly")


def test_the_interactive_history_has_our_numbers():
    points = interactive(study(), "history").data[0]
    assert dict(zip(points.x, points.y, strict=True)) == {1: 0.5, 2: 0.9, 3: 0.7}


def test_the_interactive_importance_is_ours():
    (bars,) = interactive(study(), "importance", importance={"rate": 0.75, "kind": 0.25}).data
    assert dict(zip(bars.y, bars.x, strict=True)) == {"rate": 0.75, "kind": 0.25}


def test_the_interactive_front_needs_two_or_three_objectives():
    with pytest.raises(FixInputError, match="needs two or three objectives"):
        interactive(study(), "front")
    two = study([((0.5, 3.0), {})], ("val_accuracy", "val_loss"), ("maximize", "minimize"))
    assert interactive(two, "front").data


def test_without_plotly_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(optuna_figures, "find_spec", lambda name: None)
    with pytest.raises(FixInputError, match=r"pip install 'tuner\[plots\]'"):
        interactive(study(), "history")


def test_an_unknown_kind_names_the_known_ones():
    with pytest.raises(FixInputError, match="history, curves"):
        interactive(study(), "rungs")
