"""Figures that Optuna draws: parallel coordinates and slices for files, and all interactive ones (by Plotly).

Optuna's functions for matplotlib draw with pyplot and set its style for the whole process. Here they draw under a lock,
all settings are put back, and the figure is taken out of pyplot, so that a notebook shows it once. Afterwards the
figure gets our size, colours, title and caption; the data in it are Optuna's.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, get_args

from tuner.errors import FixInputError
from tuner.objectives import Objective
from tuner.plots.optuna_look import restyle_parallel, restyle_slices
from tuner.plots.style import (
    Caption,
    finish,
    nothing,
    settings_lock,
)
from tuner.plots.trial_style import LABELS, axis_label, with_note

if TYPE_CHECKING:  # Optuna takes a second to import
    import optuna
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Interactive = Literal["history", "curves", "importance", "parallel", "slices", "timeline", "front"]
"""The figures that can be interactive."""

MOST_AXES, MOST_PANELS = 6, 8
"""Hyperparameters of parallel coordinates and of slices: more could not be read on a page."""

MOST_LINES = 100
"""Lines of parallel coordinates: half are the best trials, half are spread evenly over the others."""


def parallel_figure(study: optuna.Study, target: int, names: Sequence[str], caption: Caption) -> Figure:
    """A line for each completed trial through its objective and its hyperparameters; dark lines are good trials.

    Args:
        target: Index of the objective among those of the study.
        names: The hyperparameters to show, at most `MOST_AXES`; one that no completed trial has is left out.
    """
    from optuna.visualization.matplotlib import plot_parallel_coordinate

    title = "Hyperparameters of completed trials, each a line"
    names, objective, caption = _prepared(study, target, names, caption, MOST_AXES)
    if not names:
        return nothing(title, _WHY_NOTHING, caption)
    shown = _with_fewer_trials(study, target)
    if shown is not study:
        half = MOST_LINES // 2
        lines = f"{MOST_LINES} of {len(_completed(study, target)):,} completed trials"
        caption = with_note(caption, f"{lines}: the best {half}, and {half} spread evenly over the others")
    with _optuna_draws():
        axes = plot_parallel_coordinate(shown, list(names), target=_target(target), target_name=LABELS[objective])
        figure = _taken(axes)
    restyle_parallel(axes, objective, _completed(shown, target), names)
    return finish(figure, title, caption)


def slices_figure(study: optuna.Study, target: int, names: Sequence[str], caption: Caption) -> Figure:
    """The objective over each hyperparameter, a panel for each; the later a trial, the darker its point.

    Arguments as in `parallel_figure`, with at most `MOST_PANELS` names.
    """
    from optuna.visualization.matplotlib import plot_slice

    title = "The objective by each hyperparameter, completed trials"
    names, objective, caption = _prepared(study, target, names, caption, MOST_PANELS)
    if not names:
        return nothing(title, _WHY_NOTHING, caption)
    with _optuna_draws():
        drawn: Any = plot_slice(study, list(names), target=_target(target), target_name=axis_label(objective))
        panels: list[Axes] = [drawn] if len(names) == 1 else list(drawn)
        by_name = {axes.get_xlabel(): axes for axes in panels}
        all_axes = [by_name[name] for name in names]  # Optuna sorts them by name
        figure = _taken(all_axes[0])
    restyle_slices(figure, all_axes, axis_label(objective))
    return finish(figure, title, caption)


def interactive(
    study: optuna.Study,
    kind: str,
    *,
    target: int = 0,
    names: Sequence[str] = (),
    importance: Mapping[str, float] | None = None,
) -> Any:
    """The Plotly figure (`plotly.graph_objects.Figure`) that Optuna makes of the study.

    Args:
        kind: One of `Interactive`.
        target: Index of the objective among those of the study, where a figure shows one.
        names: Hyperparameters of parallel coordinates and slices; empty: all.
        importance: The importance of each hyperparameter, so that Optuna shows ours instead of its own.

    Raises:
        FixInputError: Plotly is not installed, or the figure makes no sense for this study.
    """
    check_plotly()
    from optuna import visualization

    if kind not in get_args(Interactive):
        known = ", ".join(get_args(Interactive))
        raise FixInputError(f"the figure {kind!r} cannot be interactive", remedy=f"those that can be: {known}")
    if kind == "front" and len(study.directions) not in (2, 3):
        raise FixInputError("an interactive front needs two or three objectives", remedy="use format png or svg")
    known_names, objective, _ = _prepared(study, target, names or _all_names(study), Caption(""), MOST_PANELS)
    one: dict[str, Any] = {"target": _target(target), "target_name": LABELS[objective]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # experimental functions, and constant targets
        match kind:
            case "history":
                # Without a target Optuna draws the best so far too.
                given = {"target_name": LABELS[objective]} if len(study.directions) == 1 else one
                return visualization.plot_optimization_history(study, **given)
            case "curves":
                return visualization.plot_intermediate_values(study)
            case "importance":
                return visualization.plot_param_importances(study, _known_evaluator(importance), **one)
            case "parallel":
                fewer = _with_fewer_trials(study, target)
                return visualization.plot_parallel_coordinate(fewer, known_names, **one)
            case "slices":
                return visualization.plot_slice(study, known_names, **one)
            case "timeline":
                ours = sum(trial.datetime_start is not None for trial in study.get_trials(deepcopy=False))
                return visualization.plot_timeline(study, n_recent_trials=max(1, ours))
            case _:
                return visualization.plot_pareto_front(study)


def check_plotly() -> None:
    """Raise FixInputError, with the command that installs it, if Plotly is missing."""
    if find_spec("plotly") is None:
        raise FixInputError("interactive figures need plotly", remedy="install it with: pip install 'tuner[plots]'")


_WHY_NOTHING = "At least two trials must have completed to compare their hyperparameters."


def _prepared(
    study: optuna.Study, target: int, names: Sequence[str], caption: Caption, most: int
) -> tuple[list[str], Objective, Caption]:
    """At most `most` hyperparameters to show (none without two completed trials), the objective, the caption."""
    completed = _completed(study, target)
    present = {name for trial in completed for name in trial.params}
    objective: Objective = (study.metric_names or ["val_accuracy"])[target]  # type: ignore[assignment]
    chosen = [name for name in names if name in present][:most] if len(completed) > 1 else []
    if 0 < len(chosen) < len(present):
        caption = with_note(caption, f"{len(chosen)} of {len(present)} hyperparameters")
    return chosen, objective, caption


def _all_names(study: optuna.Study) -> list[str]:
    return list(dict.fromkeys(name for trial in study.get_trials(deepcopy=False) for name in trial.params))


def _completed(study: optuna.Study, target: int) -> list[Any]:
    """The completed trials, the best by the objective first."""
    from optuna.trial import TrialState

    found = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    maximise = study.directions[target].name == "MAXIMIZE"
    return sorted(found, key=lambda trial: trial.values[target], reverse=maximise)


def _target(target: int) -> Callable[[Any], float]:
    return lambda trial: trial.values[target]


def _with_fewer_trials(study: optuna.Study, target: int) -> optuna.Study:
    """The study itself, or one with `MOST_LINES` of the completed trials, under other numbers, if there are more."""
    import optuna

    ranked, half = _completed(study, target), MOST_LINES // 2
    if len(ranked) <= MOST_LINES:
        return study
    others = ranked[half:]
    fewer = optuna.create_study(directions=study.directions)
    fewer.add_trials([*ranked[:half], *(others[place * len(others) // half] for place in range(half))])
    return fewer


def _known_evaluator(importance: Mapping[str, float] | None) -> Any:
    """An evaluator that answers with the known importance; None: Optuna's own."""
    if importance is None:
        return None
    from optuna.importance import BaseImportanceEvaluator

    known = dict(importance)

    class Known(BaseImportanceEvaluator):
        def evaluate(self, study: Any, params: Any = None, *, target: Any = None) -> dict[str, float]:
            return known

    return Known()


@contextmanager
def _optuna_draws() -> Iterator[None]:
    """Let Optuna draw with pyplot: one thread at a time, with all settings as before at the end."""
    import matplotlib

    settings: Any = {"figure.constrained_layout.use": True, "interactive": False}
    with settings_lock, matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # experimental functions, and constant targets
        yield


def _taken(axes: Axes) -> Figure:
    """The figure of the axes, which pyplot forgets: a notebook would show it a second time."""
    from matplotlib import pyplot

    figure = axes.get_figure(root=True)
    assert figure is not None
    pyplot.close(figure)
    return figure
