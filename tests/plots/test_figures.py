"""Figures say what the rows say."""

from __future__ import annotations

import numpy as np
import pytest

from tests.study.scripted import complete, epoch, start
from tuner.plots import figures
from tuner.plots.figures import draw_study
from tuner.spec import StudySpec
from tuner.store import Store


@pytest.fixture
def rows(tmp_path):
    """Trials and epochs of a study: 0.5, a failed one, then 0.8 and 0.7."""
    with Store.open(f"sqlite:///{tmp_path / 'tuner.db'}") as store:
        store.create_study(StudySpec(run_name="s"), folder=str(tmp_path))
        for number, accuracy in enumerate([0.5, None, 0.8, 0.7], start=1):
            store.append("s", start(number))
            if accuracy is not None:
                store.append("s", epoch(number, 1, accuracy / 2))
                store.append("s", epoch(number, 2, accuracy))
            store.append("s", complete(number, accuracy, kind="completed" if accuracy else "failed"))
        yield store.trials("s"), store.epochs("s")


def test_all_figures_are_written(rows, tmp_path):
    files = draw_study(tmp_path / "plots", "val_accuracy", "val_accuracy", *rows, np.eye(3, dtype=int), ["a", "b", "c"])
    assert {file.name for file in files} == {"history.png", "curves.png", "confusion.png"}
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)


def test_the_importance_is_drawn_where_it_is_known(rows, tmp_path):
    known = {"learning_rate": 0.75, "a name that is longer than a figure is wide": 0.25, "$x$^": 0.0}
    files = draw_study(tmp_path, "val_accuracy", "val_accuracy", *rows, None, [], known)
    assert {file.name for file in files} == {"history.png", "curves.png", "importance.png"}
    axes = figures._importance("val_accuracy", known).axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.75, 0.25, 0.0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "learning_rate", "a name that is longer t…", r"\$x\$^",
    ]  # fmt: skip
    assert axes.yaxis_inverted(), "the most important one is at the top"


def test_without_a_test_there_is_no_confusion(rows, tmp_path):
    files = draw_study(tmp_path, "val_accuracy", "val_accuracy", *rows, None, [])
    assert {file.name for file in files} == {"history.png", "curves.png"}


@pytest.mark.parametrize(("objective", "best"), [("val_accuracy", [0.5, 0.8, 0.8]), ("val_loss", [0.5, 0.5, 0.5])])
def test_the_history_shows_the_best_so_far(rows, objective, best):
    axes = figures._history(objective, rows[0]).axes[0]
    (line,) = axes.lines
    assert line.get_xdata().tolist() == [1, 3, 4]
    assert line.get_ydata().tolist() == best


def test_the_curve_of_the_best_trial_stands_out(rows):
    axes = figures._curves("val_accuracy", "val_accuracy", *rows).axes[0]
    labelled = {line.get_label(): line.get_ydata().tolist() for line in axes.lines}
    assert labelled["best: trial 3"] == [0.4, 0.8]
    assert len(axes.lines) == 3


def test_a_study_without_any_result_is_drawn_too(tmp_path):
    assert len(draw_study(tmp_path, "val_accuracy", "val_accuracy", [], [], None, [])) == 2


def test_the_confusion_counts_and_scores(rows):
    axes = figures._confusion(np.array([[3, 1], [0, 4]]), ["cat", "dog"]).axes[0]
    assert axes.get_title() == "Test samples, accuracy 0.8750"
    assert sorted(text.get_text() for text in axes.texts) == ["1", "3", "4"]


def test_a_leader_without_a_curve_is_drawn_without_a_warning(rows):
    trials, epochs = rows
    leader = max((t for t in trials if t.objective is not None), key=lambda t: t.objective).trial_number
    others = [epoch for epoch in epochs if epoch.trial_number != leader]
    assert figures._curves("val_accuracy", "val_accuracy", trials, others).axes[0].get_legend() is None


def test_dollars_in_the_name_of_a_class_are_no_formula(tmp_path):
    figures._confusion(np.eye(2), ["$a", "b$"]).savefig(tmp_path / "confusion.png")
