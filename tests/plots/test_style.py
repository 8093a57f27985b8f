"""All figures have a title, a caption and labels that can be drawn."""

from __future__ import annotations

import pytest
from PIL import Image

from tuner.plots import style
from tuner.plots.style import (
    Caption,
    drawable,
    finish,
    line_style,
    new_axes,
    new_figure,
    nothing,
    save,
    say,
    shorten,
    to_png,
    to_svg,
    wrap,
)

CAPTION = Caption("mnist", "validation", 2000, 17, "a note")


def drawn():
    figure, axes = new_figure()
    axes.plot([1, 2], [0.1, 0.2])
    return finish(figure, "A title", CAPTION)


@pytest.mark.parametrize(
    ("caption", "text"),
    [
        (CAPTION, "Trial 17 · mnist · validation, 2,000 samples · a note"),
        (Caption("mnist"), "mnist"),
        (Caption("mnist", "test", 1), "mnist · test, 1 sample"),
        (Caption("mnist", samples=0, trial=0), "Trial 0 · mnist · 0 samples"),
    ],
)
def test_a_caption_names_trial_data_split_and_samples(caption, text):
    assert str(caption) == text


def test_a_figure_has_a_title_above_and_a_caption_below():
    figure = drawn()
    assert (figure.get_suptitle(), figure.get_supxlabel()) == ("A title", str(CAPTION))
    figure.draw_without_rendering()
    title, caption = (
        next(text for text in figure.texts if text.get_text() == wanted).get_window_extent()
        for wanted in ("A title", str(CAPTION))
    )
    axes = figure.axes[0].get_tightbbox()
    assert title.y0 >= axes.y1
    assert caption.y1 <= axes.y0
    assert title.x0 == pytest.approx(caption.x0, abs=1)


def test_long_titles_and_captions_stay_within_the_figure():
    figure, axes = new_figure()
    axes.plot([1, 2])
    finish(figure, "long word " * 30 + "x" * 200, Caption("w" * 300, note="many words " * 40))
    figure.draw_without_rendering()
    for text in figure.texts:
        assert text.get_window_extent().x1 <= figure.bbox.width


def test_a_figure_without_data_says_why():
    figure = nothing("Gradients", "Nothing was\nmeasured.", CAPTION)
    (axes,) = figure.axes
    assert not axes.axison
    assert [text.get_text() for text in axes.texts] == ["Nothing was measured."]
    assert figure.get_label() == "Nothing was\nmeasured."
    assert figure.get_suptitle() == "Gradients"


def test_axes_without_data_say_why():
    _, axes = new_axes(1, 2, 6, 3)
    say(axes[0, 0], "Not measured.", 2)
    assert not axes[0, 0].axison
    assert axes[0, 0].texts[0].get_text() == "Not measured."
    assert axes[0, 1].axison


def test_files_are_written_into_a_new_folder_and_describe_themselves(tmp_path):
    figure = drawn()
    png, svg = (save(figure, tmp_path / "plots", "history", format) for format in ("png", "svg"))
    assert [file.name for file in (png, svg)] == ["history.png", "history.svg"]
    with Image.open(png) as image:
        assert image.size == (1050, 630)
        assert image.text["Title"] == "A title"
        assert image.text["Description"] == str(CAPTION)
    document = svg.read_text()
    assert "<title>A title</title>" in document
    assert "<text" not in document, "a browser without the font shows it alike"


def test_equal_figures_give_equal_files():
    assert to_svg(drawn()) == to_svg(drawn())
    assert to_png(drawn()) == to_png(drawn())


def test_settings_of_matplotlib_stay_as_they_are():
    import matplotlib

    before = dict(matplotlib.rcParams)
    to_svg(drawn())
    assert dict(matplotlib.rcParams) == before


def test_names_are_cut_and_dollars_start_no_formula():
    assert shorten("learning_rate", 20) == "learning_rate"
    assert shorten("a name that is longer", 12) == "a name that…"
    assert shorten("$a$^", 20) == r"\$a\$^"
    assert drawable("two\n lines\t$") == r"two lines \$"


def test_letters_that_no_font_has_are_boxes(monkeypatch):
    monkeypatch.setattr(style, "_fonts", lambda: (style.FONT,))
    style._characters.cache_clear()
    try:
        assert drawable("ä 猫 é") == "ä □ é"
        figure, axes = new_figure()
        axes.plot([1, 2], label=shorten("猫 $x", 20))
        axes.legend()
        to_png(finish(figure, "猫 $a$^", Caption("$b$^ 猫")))
    finally:
        style._characters.cache_clear()


def test_lines_differ_in_colour_and_dash_and_marker():
    looks = [line_style(index) for index in range(7)]
    for part in ("color", "linestyle", "marker"):
        assert len({look[part] for look in looks}) == 7
    assert line_style(3, points=100)["marker"] is None


def test_texts_break_at_spaces():
    assert wrap("ten letter " * 2, 10, 10) == "ten letter ten letter"
    assert "\n" in wrap("ten letter " * 20, 3, 10)
