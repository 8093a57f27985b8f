"""Every figure of a study is made from its rows, with a caption, whatever the study is like."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.serve_app.dashboard.sample_studies import COMPLETED, EVERY_STATUS, FAILED, HEALTH, TEXTS, WAITING, fill
from tests.serve_app.replicas import ScriptedBoards
from tuner.errors import FixInputError
from tuner.plots.style import to_png
from tuner.store import Store
from tuner.study.study_figure import (
    STUDY_FIGURE_NAMES,
    StudyRows,
    interactive_figure,
    makes_sense,
    study_caption,
    study_figure,
)


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """The rows of studies of every kind and status, by name."""
    folder = tmp_path_factory.mktemp("studies")
    with Store.open(f"sqlite:///{folder / 'tuner.db'}") as store:
        names = fill(store, folder, ScriptedBoards())
        return {
            name: StudyRows(store.study(name), store.trials(name), store.epochs(name), store.now()) for name in names
        }


@pytest.mark.parametrize("name", STUDY_FIGURE_NAMES)
@pytest.mark.parametrize("study", [COMPLETED, HEALTH, TEXTS, EVERY_STATUS, FAILED, WAITING])
def test_each_figure_of_each_study_is_drawn_with_its_data_set(studies, study, name):
    rows = studies[study]
    figure = study_figure(name, rows)
    assert to_png(figure).startswith(b"\x89PNG")
    assert figure.get_suptitle()
    assert figure.get_supxlabel().startswith(rows.study.spec.dataset)


def test_the_caption_states_split_samples_and_trials(studies):
    assert str(study_caption(studies[COMPLETED])) == (
        "mnist · validation, 300 samples · 12 trials: 10 completed, 2 pruned"
    )
    assert str(study_caption(studies[WAITING])) == "digits · validation · 0 trials"


@pytest.mark.parametrize(
    ("dataset", "shown"), [("/home/me/my flowers", "my flowers"), ("a/reviews.csv", "reviews"), ("mnist", "mnist")]
)
def test_the_caption_names_no_folder(studies, dataset, shown):
    rows = studies[COMPLETED]
    spec = rows.study.spec.model_copy(update={"dataset": dataset})
    study = rows.study.model_copy(update={"spec": spec})
    assert study_caption(StudyRows(study, rows.trials)).dataset == shown


def test_only_figures_that_can_show_something_make_sense(studies):
    def sensible(study):
        return {name for name in STUDY_FIGURE_NAMES if makes_sense(name, studies[study])}

    everywhere = {"history", "curves", "importance", "parallel", "slices", "timeline"}
    assert sensible(COMPLETED) == everywhere | {"rungs"}
    assert sensible(HEALTH) == everywhere | {"rungs", "health"}
    assert sensible(WAITING) == everywhere


def test_the_baseline_is_drawn_where_it_has_a_value_of_the_objective(studies):
    labels = [line.get_label() for line in study_figure("history", studies[COMPLETED]).axes[0].lines]
    assert "baseline 0.8740" in labels
    labels = [line.get_label() for line in study_figure("history", studies[HEALTH]).axes[0].lines]
    assert not any("baseline" in label for label in labels), "it has no total score"


def test_the_history_has_the_objective_of_each_trial(studies):
    rows = studies[COMPLETED]
    drawn = {
        number: value
        for group in study_figure("history", rows).axes[0].collections
        for number, value in group.get_offsets().tolist()
    }
    assert drawn == pytest.approx({trial.trial_number: trial.objective for trial in rows.trials})


@pytest.mark.parametrize("name", ["history", "curves", "parallel", "slices", "timeline", "importance"])
def test_interactive_figures_have_the_caption_in_their_title(studies, name):
    figure = interactive_figure(name, studies[COMPLETED])
    assert "mnist · validation, 300 samples" in figure.layout.title.text


def test_an_interactive_importance_that_is_not_known_says_why(studies):
    with pytest.raises(FixInputError, match="needs at least 10 trials"):
        interactive_figure("importance", studies[TEXTS])


def test_unknown_names_are_refused(studies):
    with pytest.raises(FixInputError, match="did you mean 'history'"):
        study_figure("histori", studies[COMPLETED])


def test_nothing_slow_is_imported_before_a_figure_is_drawn():
    code = (
        "import sys; import tuner.study.study_figure, tuner.study.notebook; "
        "print([name for name in ('matplotlib', 'optuna', 'tensorflow', 'plotly') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "matplotlib" not in shown.stdout
    assert "plotly" not in shown.stdout
    assert "tensorflow" not in shown.stdout
