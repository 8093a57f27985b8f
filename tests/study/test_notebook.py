"""A result in a notebook: its figures, and its display as HTML."""

from __future__ import annotations

import base64
import re

import pytest
from matplotlib.figure import Figure

from tests.serve_app.dashboard.sample_studies import COMPLETED, EVERY_STATUS, FAILED, WAITING, fill
from tests.serve_app.replicas import ScriptedBoards
from tuner.errors import FixInputError
from tuner.plots import optuna_figures
from tuner.store import Store
from tuner.study import notebook
from tuner.study.result import StudyResult, view

PLOTS = ["history", "importance", "parallel", "slices", "timeline", "front"]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies")
    with Store.open(f"sqlite:///{folder / 'tuner.db'}") as store:
        return {name: StudyResult(view(store, name)) for name in fill(store, folder, ScriptedBoards())}


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("study", [COMPLETED, FAILED])
def test_each_plot_is_a_figure_of_matplotlib(results, study, name):
    assert isinstance(getattr(results[study], f"plot_{name}")(), Figure)


@pytest.mark.parametrize("name", [name for name in PLOTS if name != "front"])
def test_an_interactive_plot_is_a_figure_of_plotly(results, name):
    figure = getattr(results[COMPLETED], f"plot_{name}")(interactive=True)
    assert type(figure).__module__.startswith("plotly")


def test_without_plotly_the_remedy_is_named(results, monkeypatch):
    monkeypatch.setattr(optuna_figures, "find_spec", lambda name: None)
    with pytest.raises(FixInputError, match=r"pip install 'tuner\[plots\]'"):
        results[COMPLETED].plot_history(interactive=True)


def test_the_importance_is_computed_once(results):
    result = results[COMPLETED]
    assert result.importance is result.importance
    assert sum(result.importance.values()) == pytest.approx(1)


def cells(html):
    return [re.findall(r"<td>(.*?)</td>", line) for line in re.findall(r"<tr>(.*?)</tr>", html)][1:]


def test_the_display_names_the_best_trial_its_scores_and_the_baseline(results):
    result = results[COMPLETED]
    html = result._repr_html_()
    best = result.best
    assert f"The best is trial {best.trial_number}: validation accuracy {best.objective:.4f}" in html
    assert "test accuracy 0.9680 on 300 samples" in html
    assert "logistic regression over 8 x 8 pixels, has validation accuracy 0.8740" in html
    assert "12 trials: 10 completed, 2 pruned" in html


def test_the_table_has_the_best_trials_in_order(results):
    result = results[COMPLETED]
    lines = cells(result._repr_html_())
    scored = sorted(result.view.trials, key=lambda trial: -(trial.objective or 0))[:5]
    assert [(int(line[0]), line[2]) for line in lines] == [
        (trial.trial_number, f"{trial.objective:.4f}") for trial in scored
    ]
    assert "<caption>The 5 best of 12 trials by validation accuracy</caption>" in result._repr_html_()


def test_the_history_is_in_the_page_with_a_text(results):
    html = results[COMPLETED]._repr_html_()
    picture = re.search(r'<img alt="(.*?)" width="560" src="data:image/png;base64,(.*?)">', html)
    assert picture[1].startswith("Best validation accuracy so far: ")
    assert base64.b64decode(picture[2]).startswith(b"\x89PNG")
    assert len(html) < 300_000
    assert "http" not in html, "nothing is loaded from elsewhere"


@pytest.mark.parametrize("study", [FAILED, WAITING])
def test_a_study_without_a_result_says_so(results, study):
    html = results[study]._repr_html_()
    assert "No trial has a result." in html
    assert "<table>" not in html


def test_running_and_failed_trials_are_no_lines_of_the_table(results):
    assert {line[1] for line in cells(results[EVERY_STATUS]._repr_html_())} == {"completed", "pruned", "cancelled"}


def test_names_cannot_be_html(results):
    shown = results[COMPLETED].view
    study = shown.study.model_copy(update={"name": "<b>x</b>"})
    html = StudyResult(shown.model_copy(update={"study": study, "warnings": ("a < b",)}))._repr_html_()
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "⚠ A &lt; b." in html


def test_a_figure_that_cannot_be_drawn_leaves_the_text(results, monkeypatch):
    def fails(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(notebook, "study_figure", fails)
    html = results[COMPLETED]._repr_html_()
    assert "<img" not in html
    assert "<table>" in html
