"""The figures of studies and trials: which there are, what they are drawn from, and what they say without data."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.store.samples import complete, epoch, start
from tests.study.figures.studies import NAME, SavedStudy, texts_file
from tuner.errors import FixInputError, UnknownStudyError
from tuner.events import TrainingSummary
from tuner.plots import confusion as confusion_module
from tuner.plots import style
from tuner.study import figures as package
from tuner.study.figures import (
    SHOWS,
    STUDY_FIGURES,
    TEST_FIGURES,
    TRIAL_FIGURES,
    SampleSource,
    StudyFigures,
    TrialFigures,
    draw_study,
    draw_trial,
)
from tuner.study.figures.__main__ import main
from tuner.study.figures.drawing import draw, is_empty

pytestmark = pytest.mark.tensorflow


@pytest.fixture(autouse=True)
def coarse_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn is the same with fewer dots, and done sooner."""
    monkeypatch.setattr(style, "DPI", 40)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SavedStudy]:
    """A study of images whose best model, that of trial 1, is saved; nothing changes it."""
    made = SavedStudy(tmp_path_factory.mktemp("images"), sample_percentage=0.2)
    made.export_best()
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SavedStudy]:
    """The same of texts."""
    folder = tmp_path_factory.mktemp("texts")
    made = SavedStudy(folder / "results", dataset=str(texts_file(folder)))
    made.export_best()
    yield made
    made.store.close()


def figures(study: SavedStudy, number: int = 1) -> TrialFigures:
    return TrialFigures(study.store, NAME, number, SampleSource.of(study.store.study(NAME), study.settings))


@contextmanager
def moved_away(file: Path) -> Iterator[None]:
    elsewhere = file.rename(file.with_suffix(".away"))
    try:
        yield
    finally:
        elsewhere.rename(file)


def texts(figure: Any) -> str:
    """All texts of a figure, in one line."""
    from matplotlib.text import Text

    return " ".join(" ".join(one.get_text() for one in figure.findobj(Text)).split())


def test_every_figure_has_a_title_and_says_what_it_shows() -> None:
    assert {*STUDY_FIGURES, *TRIAL_FIGURES} == set(SHOWS)
    assert set(TEST_FIGURES) == {"test_confusion", "test_class_scores", "test_calibration"}
    assert set(package.INTERACTIVE) <= set(STUDY_FIGURES)


def test_a_study_has_the_figures_that_make_sense(study: SavedStudy) -> None:
    names = StudyFigures(study.store, NAME).names()
    assert {"history", "curves", "importance", "timeline"} <= set(names)
    assert not {"front", "health", "rungs"} & set(names), "one objective, health not measured, nothing pruned"
    assert set(StudyFigures(study.store, NAME).interactive_names()) <= set(names)
    with pytest.raises(FixInputError, match="no figure 'histori' - did you mean 'history'"):
        StudyFigures(study.store, NAME).figure("histori")
    with pytest.raises(FixInputError, match="no figure 'front'"):
        StudyFigures(study.store, NAME).interactive("front")
    with pytest.raises(UnknownStudyError):
        StudyFigures(study.store, "other")


def test_only_the_best_trial_has_figures_on_test_data_and_a_trial_without_epochs_has_none(study: SavedStudy) -> None:
    assert figures(study).names() == list(TRIAL_FIGURES)
    assert figures(study, 2).names() == [name for name in TRIAL_FIGURES if name not in TEST_FIGURES]
    assert figures(study, 3).names() == []
    for number, name in ((2, "test_confusion"), (3, "training"), (1, "none")):
        with pytest.raises(FixInputError, match=f"trial {number} has no figure '{name}'"):
            figures(study, number).figure(name)
    with pytest.raises(FixInputError, match="animation is a file"):
        figures(study).figure("animation")
    with pytest.raises(FixInputError, match="has no trial 9"):
        figures(study, 9)


def test_names_need_neither_the_data_nor_the_model(study: SavedStudy) -> None:
    def load() -> Any:
        raise AssertionError

    source = SampleSource(study.store.study(NAME), load)
    assert TrialFigures(study.store, NAME, 1, source).names() == figures(study).names()
    assert TrialFigures(study.store, NAME, 1).names() == figures(study).names()


def test_all_figures_of_the_best_trial_are_drawn_and_state_data_split_samples_and_trial(
    study: SavedStudy, tmp_path: Path
) -> None:
    files = draw_trial(study.store, NAME, 1, tmp_path / "plots", SampleSource.of(study.store.study(NAME)))
    assert [file.stem for file in files] == list(TRIAL_FIGURES)
    assert all(file.read_bytes()[:4] in (b"\x89PNG", b"GIF8") for file in files)
    drawn = {name: texts(figures(study).figure(name)) for name in TRIAL_FIGURES if name != "animation"}
    validation, test = len(study.data.validation), len(study.test.y)
    for name, text in drawn.items():
        assert "Trial 1 · digits" in text, name
    for name in ("confusion", "class_scores", "calibration", "mistakes"):
        assert f"validation, {validation:,} samples" in drawn[name]
    for name in TEST_FIGURES:
        assert f"test, {test:,} samples" in drawn[name]


def test_all_figures_of_a_study_are_drawn(study: SavedStudy, tmp_path: Path) -> None:
    files = draw_study(study.store, NAME, tmp_path / "new" / "plots", "svg")
    assert [file.name for file in files] == [f"{name}.svg" for name in StudyFigures(study.store, NAME).names()]
    assert all("<svg" in file.read_text() for file in files)


def test_figures_of_texts_show_their_words(films: SavedStudy, tmp_path: Path) -> None:
    source = SampleSource.of(films.store.study(NAME), films.settings)
    files = draw_trial(films.store, NAME, 1, tmp_path, source)
    assert [file.stem for file in files] == list(TRIAL_FIGURES)
    words = {"good", "bad", "film", "play", "story", "music", "number"}
    for name in ("mistakes", "activations"):
        figure = figures(films).figure(name)
        assert not is_empty(figure)
        assert words & set(texts(figure).split())


def seen_by(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[Any]:
    """What a drawing function is given from now on: it still draws."""
    draws, seen = getattr(module, name), []

    def keep(*given: Any) -> Any:
        seen.append(given)
        return draws(*given)

    monkeypatch.setattr(module, name, keep)
    return seen


def test_the_confusion_of_the_test_has_the_recorded_accuracy(
    study: SavedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = seen_by(monkeypatch, confusion_module, "confusion_figure")
    figures(study).figure("test_confusion")
    ((predictions, caption),) = seen
    expected = np.asarray(study.network(1)(study.test.x, training=False)).argmax(axis=1)
    counts = np.zeros((10, 10), int)
    for true, predicted in zip(study.test.y, expected, strict=True):
        counts[true, predicted] += 1
    assert np.array_equal(predictions.confusion, counts)
    assert predictions.accuracy == study.store.study(NAME).test_accuracy
    assert (caption.split, caption.trial) == ("test", 1)


def test_a_trial_without_a_kept_model_says_so_in_each_figure_of_samples(study: SavedStudy) -> None:
    for name in ("confusion", "class_scores", "calibration", "mistakes"):
        figure = figures(study, 2).figure(name)
        assert is_empty(figure)
        assert "The model of trial 2 was not kept: plot_generation=all or keep_models=all keeps it" in texts(figure)
        assert "Trial 2 · digits · validation" in texts(figure)


def test_without_the_model_the_confusion_is_what_the_training_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = SavedStudy(tmp_path / "results", sample_percentage=0.2)
    counted = np.random.default_rng(0).integers(0, 9, (4, 10, 10))
    hp = study.hyperparameters
    kept = {n: TrainingSummary(learning_rate=0.1, confusion=tuple(map(tuple, counted[n].tolist()))) for n in (1, 3)}
    study.append(
        start(4, hyperparameters=hp),
        *(epoch(n, 4, summary=kept.get(n)) for n in (1, 2, 3)),
        complete(4, status="pruned", hyperparameters=hp, best_epoch=2, epochs_trained=3),
    )
    seen = seen_by(monkeypatch, confusion_module, "confusion_figure")
    figure = figures(study, 4).figure("confusion")
    assert not is_empty(figure)
    ((predictions, caption),) = seen
    assert np.array_equal(predictions.confusion, counted[1]), "of the last count before or at the best epoch"
    assert caption.note == "counted after epoch 1"
    assert not is_empty(figures(study, 4).figure("class_scores"))
    assert is_empty(figures(study, 4).figure("calibration")), "it needs probabilities"
    study.store.close()


def test_data_that_are_gone_cost_only_the_figures_that_show_samples(films: SavedStudy) -> None:
    data = Path(films.spec.dataset)
    with moved_away(data):
        shown = figures(films)
        said = {name for name in ("confusion", "calibration", "test_confusion") if is_empty(shown.figure(name))}
        assert said == set()
        for name in ("mistakes", "activations"):
            text = texts(shown.figure(name))
            assert "The data set films cannot be read on this machine." in text
            assert str(data.parent) not in text


def test_a_figure_that_fails_is_left_out_and_logged_and_the_others_are_drawn(
    study: SavedStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> None:
        raise MemoryError("no\nmemory")

    monkeypatch.setattr(confusion_module, "confusion_figure", fails)
    monkeypatch.setattr(TrialFigures, "animation", fails)
    source = SampleSource.of(study.store.study(NAME))
    with caplog.at_level(logging.WARNING, "tuner.study"):
        files = draw_trial(study.store, NAME, 1, tmp_path, source)
    left_out = {"confusion", "test_confusion", "animation"}
    assert [file.stem for file in files] == [name for name in TRIAL_FIGURES if name not in left_out]
    assert [record.getMessage() for record in caplog.records] == [
        f"a figure of trial 1 was left out: {name}: MemoryError: no memory"
        for name in ("confusion", "animation", "test_confusion")
    ]


def test_figures_that_say_nothing_are_left_out_on_request(study: SavedStudy, tmp_path: Path) -> None:
    (tmp_path / "mistakes.png").write_bytes(b"of an earlier run")
    drawn = draw(figures(study, 2), tmp_path, leave_out_empty=True)
    assert {"mistakes", "calibration"} <= set(drawn.unknown)
    assert not (tmp_path / "mistakes.png").exists()
    assert {file.stem for file in drawn.files} | set(drawn.unknown) == set(figures(study, 2).names())
    assert {file.name for file in drawn.files} == {file.name for file in tmp_path.iterdir()}


@pytest.fixture
def environment(study: SavedStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNER_RESULTS_DIR", str(study.settings.results_dir))


@pytest.mark.usefixtures("environment")
def test_the_module_writes_one_figure_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "drawing"
    for given, begins in (
        (["--figure", "history"], b"\x89PNG"),
        (["--figure", "history", "--format", "svg"], b"<?xml"),
        (["--figure", "history", "--format", "html"], b"<!doctype html>"),
        (["--trial", "1", "--figure", "test_confusion"], b"\x89PNG"),
        (["--trial", "1", "--figure", "animation", "--format", "gif"], b"GIF8"),
    ):
        assert main([NAME, *given, "--output", str(file)]) == 0
        assert file.read_bytes().startswith(begins), given
        file.unlink()
    assert list(tmp_path.iterdir()) == []
    capsys.readouterr()
    for given, said in (
        (["other", "--figure", "history"], "error: unknown study 'other'"),
        ([NAME, "--figure", "front"], "error: this study has no figure 'front'"),
        ([NAME, "--trial", "1", "--figure", "animation"], "error: the animation is a film"),
        ([NAME, "--trial", "1", "--figure", "training", "--format", "html"], "error: this figure has no format html"),
    ):
        assert main([*given, "--output", str(file)]) == 2
        assert capsys.readouterr().err.startswith(said)
        assert not file.exists()
