"""The animation shows the values of each epoch and stays small."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.plots.summaries import CAPTION, rows, summaries
from tuner.errors import FixInputError
from tuner.events import TrainingSummary
from tuner.plots import animation
from tuner.plots.animation import MOST_BYTES, MOST_FRAMES, animate
from tuner.plots.animation_frames import ConfusionPanel, CurvePanel, RecallPanel, WeightPanel, frames
from tuner.plots.layer_values import layers_by_epoch
from tuner.plots.style import new_figure

LABELS = ["cat", "dog"]


def pictures(file):
    """Each picture of a GIF file, and its duration in milliseconds."""
    with Image.open(file) as image:
        return [(frame.convert("RGB"), frame.info["duration"]) for frame in ImageSequence.Iterator(image)]


def axes():
    return new_figure()[1]


def test_each_epoch_is_a_picture_and_the_last_one_stays(tmp_path):
    file = animate(rows(4), summaries([1, 2, 3, 4]), LABELS, CAPTION, tmp_path / "plots" / "animation.gif")
    found = pictures(file)
    assert len(found) == 4
    assert found[-1][1] >= 3000 > 3 * found[0][1]
    assert all(np.any(np.asarray(one) != np.asarray(two)) for (one, _), (two, _) in pairwise(found))
    with Image.open(file) as image:
        assert image.info["loop"] == 0


def test_long_trainings_have_60_pictures_in_less_than_a_megabyte(tmp_path):
    progress = []
    file = animate(
        rows(200), summaries(range(1, 201, 7)), LABELS, CAPTION, tmp_path / "a.gif", lambda *done: progress.append(done)
    )
    assert len(pictures(file)) == MOST_FRAMES
    assert file.stat().st_size < MOST_BYTES
    assert progress == [(done, MOST_FRAMES) for done in range(1, MOST_FRAMES + 1)]


def test_a_file_that_is_too_large_is_made_smaller(tmp_path, monkeypatch):
    epochs, known = rows(40), summaries(range(1, 41))
    large = animate(epochs, known, LABELS, CAPTION, tmp_path / "large.gif").stat().st_size
    monkeypatch.setattr(animation, "MOST_BYTES", large // 2)
    small = animate(epochs, known, LABELS, CAPTION, tmp_path / "small.gif")
    assert small.stat().st_size < large // 2
    assert len(pictures(small)) in (30, 15)


@pytest.mark.parametrize("known", [{}, summaries([2]), summaries([1], names=[]), {1: TrainingSummary(learning_rate=1)}])
def test_missing_summaries_leave_their_panels_out_or_empty(tmp_path, known):
    assert len(pictures(animate(rows(3), known, LABELS, CAPTION, tmp_path / "a.gif"))) == 3


def test_a_trial_without_an_epoch_says_so_in_one_picture(tmp_path):
    with Image.open(animate([], {}, LABELS, CAPTION, tmp_path / "a.gif")) as image:
        assert getattr(image, "n_frames", 1) == 1


def test_whoever_stops_it_gets_no_file(tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        animate(rows(3), {}, LABELS, CAPTION, tmp_path / "a.gif", stop)
    assert not list(tmp_path.iterdir())


def test_pictures_have_even_sides():
    for picture in frames(rows(2), [1, 2], {}, LABELS, CAPTION, dpi=77):
        assert picture.dtype == np.uint8
        assert [side % 2 for side in picture.shape[:2]] == [0, 0]


def test_curves_end_at_the_shown_epoch():
    epochs = rows(4)
    panel = CurvePanel(axes(), epochs, loss=False)
    panel.show(2)
    training, validation = (line.get_ydata().tolist() for line in panel.artists)
    assert training == [row.train_accuracy for row in epochs[:2]]
    assert validation == [row.val_accuracy for row in epochs[:2]]


def test_weights_are_those_of_the_last_measured_epoch():
    panel = WeightPanel(axes(), layers_by_epoch(summaries([2, 4])))
    _, wide, half, median = panel.artists
    for epoch, measured in ((2, 2), (3, 2), (4, 4)):
        panel.show(epoch)
        for bars, reach in ((wide, 2), (half, 1)):
            segments = [segment.tolist() for segment in bars.get_segments()]
            assert segments == [[[-reach * measured, row], [reach * measured, row]] for row in (0, 1)]
        assert median.get_xdata() == [0, 0]
        assert panel.artists[0].get_text().endswith(f"epoch {measured}")
    panel.show(1)
    assert wide.get_segments() == []
    assert panel.artists[0].get_text().endswith("not measured yet")


def test_the_confusion_is_shown_as_shares_of_each_true_class():
    panel = ConfusionPanel(axes(), {1: ((1, 3), (0, 0)), 3: ((4, 0), (1, 1))}, LABELS)
    _, image, *numbers = panel.artists
    panel.show(3)
    assert image.get_array().tolist() == [[1, 0], [0.5, 0.5]]
    assert [number.get_text() for number in numbers] == ["100.0 %", "0.0 %", "50.0 %", "50.0 %"]
    panel.show(2)
    assert image.get_array().tolist() == [[0.25, 0.75], [None, None]], "a class without samples is blank"
    assert [number.get_text() for number in numbers] == ["25.0 %", "75.0 %", "", ""]


def test_recalls_are_bars_and_of_many_classes_a_sorted_line():
    few = RecallPanel(axes(), {1: (0.2, 0.9)}, LABELS)
    few.show(1)
    assert [bar.get_width() for bar in few.artists[1:]] == [0.2, 0.9]
    values = tuple(np.linspace(1, 0, 50))
    many = RecallPanel(axes(), {1: values}, [str(number) for number in range(50)])
    many.show(1)
    assert list(many.artists[1].get_ydata()) == sorted(values)


class TestVideo:
    def test_other_suffixes_are_refused(self, tmp_path):
        with pytest.raises(FixInputError, match=r"neither a \.gif nor a \.mp4"):
            animate(rows(2), {}, LABELS, CAPTION, tmp_path / "a.webm")

    def test_without_ffmpeg_it_is_refused_with_the_remedy(self, tmp_path, monkeypatch):
        monkeypatch.setattr(animation, "ffmpeg", lambda: None)
        with pytest.raises(FixInputError, match=r"write a \.gif file"):
            animate(rows(2), {}, LABELS, CAPTION, tmp_path / "a.mp4")

    def test_ffmpeg_gets_all_pictures(self, tmp_path, monkeypatch):
        self._install(tmp_path, monkeypatch, 'for last; do :; done; cat > "$last"')
        content = animate(rows(2), {}, LABELS, CAPTION, tmp_path / "a.mp4").read_bytes()
        height, width = next(frames(rows(2), [1], {}, LABELS, CAPTION, dpi=100)).shape[:2]
        pictures = np.frombuffer(content, np.uint8).reshape(-1, height, width, 3)
        assert len(pictures) == 2 + round(3 / 0.8)
        assert np.array_equal(pictures[1], pictures[-1])
        assert not np.array_equal(pictures[0], pictures[1])

    def test_its_failure_is_said(self, tmp_path, monkeypatch):
        self._install(tmp_path, monkeypatch, "cat > /dev/null; echo no such codec >&2; exit 1")
        with pytest.raises(FixInputError, match="ffmpeg failed: no such codec"):
            animate(rows(2), {}, LABELS, CAPTION, tmp_path / "a.mp4")

    @staticmethod
    def _install(folder, monkeypatch, script):
        """Put a program named ffmpeg into place."""
        program = folder / "ffmpeg"
        program.write_text(f"#!/bin/bash\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(animation, "ffmpeg", lambda: str(program))
