"""The figures of a report as files, with the texts that replace them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.serve_app.dashboard import sample_studies
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tuner.plots.style import Caption, finish, new_figure, nothing, save
from tuner.store import Store
from tuner.study.paths import StudyPaths
from tuner.study.report import pictures as module
from tuner.study.report.alternatives import alternative
from tuner.study.report.facts import StudyFacts
from tuner.study.report.pictures import Picture, picture_of, study_pictures, trial_pictures, within_limit

CAPTION = Caption("mnist", "validation", 300, 4)


def drawn(points: int = 10, width: float = 7.0):
    figure, axes = new_figure(width)
    axes.scatter(*np.random.default_rng(1).random((2, points)), marker="x")
    return finish(figure, "Points", CAPTION)


def test_a_small_figure_is_svg_and_one_of_many_parts_png() -> None:
    small, large = picture_of("a", "A", "", drawn()), picture_of("a", "A", "", drawn(20_000))
    assert small.content.startswith(b"<?xml")
    assert small.address.startswith("data:image/svg+xml;base64,")
    assert large.content.startswith(b"\x89PNG")
    assert len(large.content) < 300_000
    assert (small.title, small.caption) == ("Points", "Trial 4 · mnist · validation, 300 samples")
    assert (small.wide, picture_of("a", "A", "", drawn(width=11)).wide) == (False, True)


def test_a_figure_without_data_becomes_its_sentence() -> None:
    found = picture_of("a", "Mistakes", "", nothing("Mistakes", "The model was not kept.", CAPTION))
    assert (found.nothing, found.content) == ("The model was not kept.", b"")


def test_a_large_png_is_reduced() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (400, 400, 3), dtype=np.uint8)
    with io.BytesIO() as file:
        Image.fromarray(noise).save(file, format="png")
        content = file.getvalue()
    smaller = module._smaller(content)
    assert len(smaller) < len(content) / 2
    assert Image.open(io.BytesIO(smaller)).size == (400, 400)


def test_pictures_that_would_be_too_large_together_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    three = [Picture(name, name, "", "", bytes(size)) for name, size in (("a", 60), ("b", 60), ("c", 30))]
    assert [picture.name for picture in within_limit(three, 100)] == ["a", "c"]
    assert "figure b was left out of the report" in caplog.text


def test_figures_of_a_study_with_their_numbers_in_words(store: Store, facts: StudyFacts) -> None:
    found = {picture.name: picture for picture in study_pictures(store, facts.study.name)}
    assert {"history", "curves", "importance", "health", "timeline"} <= set(found)
    assert all(picture.content for picture in found.values())
    assert all("mnist" in picture.caption for picture in found.values())
    text = alternative(found["history"], facts)
    assert f"trial {facts.study.best_trial_number} is the best with a total_score of " in text
    assert alternative(found["health"], facts).endswith("%.")


def test_figures_of_samples_are_taken_from_the_files_of_the_studys_end(
    store: Store, facts: StudyFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = facts.study.best_trial_number
    assert number is not None
    folder = StudyPaths(Path(facts.study.folder)).trial_plots(number)
    save(drawn(), folder, "mistakes")
    found = {picture.name: picture for picture in trial_pictures(store, facts.study.name, number)}
    mistakes = found["mistakes"]
    assert mistakes.content == (folder / "mistakes.png").read_bytes()
    assert (mistakes.title, mistakes.caption) == ("Points", "Trial 4 · mnist · validation, 300 samples")
    assert "animation" not in found
    assert "test_confusion" in found
    assert "confusion" not in found, "the same is there of test data"
    training = alternative(found["training"], facts)
    assert "Validation accuracy goes from " in training.replace("\N{NO-BREAK SPACE}", " ")


def test_a_figure_that_fails_costs_no_other(
    store: Store, studies: dict[str, SampleStudy], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from tuner.study.figures import StudyFigures

    whole = StudyFigures.figure

    def broken(self: StudyFigures, name: str):
        if name == "history":
            raise ValueError("no such colour")
        return whole(self, name)

    monkeypatch.setattr(StudyFigures, "figure", broken)
    names = [picture.name for picture in study_pictures(store, sample_studies.COMPLETED)]
    assert "history" not in names
    assert "curves" in names
    assert "figure history was left out of the report: ValueError: no such colour" in caplog.text
