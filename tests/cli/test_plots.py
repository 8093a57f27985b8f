"""`tuner plots`: figures in a folder, one line for each; `tuner show` names the folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Tuner, events_of_a_study, last_events
from tests.store.samples import spec
from tuner.store import Store


@pytest.fixture
def finished(store: Store, results: Path) -> Path:
    """The folder of a study that has ended."""
    folder = results / "a"
    store.create_study(spec("a"), folder=str(folder))
    for event in [*events_of_a_study(folder), *last_events(folder)]:
        store.append("a", event)
    folder.mkdir(parents=True)
    return folder


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_figures_of_a_study_go_to_its_folder_and_are_described(tuner: Tuner, finished: Path) -> None:
    assert str(finished / "plots") not in tuner("show", "a").out
    code, out, err = tuner("plots", "a")
    assert (code, err) == (0, "")
    folder, *lines, hint = out.splitlines()
    assert folder == str(finished / "plots")
    assert hint == "Figures of a trial: tuner plots a 2"
    assert {line.split()[0] for line in lines} == files(finished / "plots")
    assert {"history.png", "curves.png", "timeline.png"} <= files(finished / "plots")
    assert any(line.startswith("  history.png") and "best so far" in line for line in lines)
    assert str(finished / "plots") in tuner("show", "a").out


def test_figures_of_a_trial_go_to_a_folder_of_its_own(tuner: Tuner, finished: Path, tmp_path: Path) -> None:
    code, out, _ = tuner("plots", "a", "1", "--format", "svg")
    assert code == 0
    folder = finished / "plots" / "trial-00001"
    assert out.splitlines()[0] == str(folder)
    assert {"training.svg", "confusion.svg", "animation.gif"} <= files(folder)
    code, out, _ = tuner("plots", "a", "1", "--output", "of-one")
    assert code == 0
    assert "training.png" in files(tmp_path / "of-one")


def test_interactive_figures_need_no_network(tuner: Tuner, finished: Path, tmp_path: Path) -> None:
    code, out, _ = tuner("plots", "a", "--format", "html", "--output", "pages")
    assert code == 0
    pages = {name for name in files(tmp_path / "pages") if name.endswith(".html")}
    assert "history.html" in pages
    assert len(out.splitlines()) == len(pages) + 2
    page = (tmp_path / "pages" / "history.html").read_text()
    assert 'src="plotly.min.js"' in page
    assert "https://cdn" not in page
    assert (tmp_path / "pages" / "plotly.min.js").stat().st_size > 10**6


def test_a_figure_that_fails_is_a_warning(tuner: Tuner, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tuner.plots import study as drawings

    def fails(*_: Any, **__: Any) -> None:
        raise ValueError("no\nluck")

    monkeypatch.setattr(drawings, "history_figure", fails)
    code, out, err = tuner("plots", "a")
    assert (code, err) == (0, "warning: left out history: ValueError: no luck\n")
    assert "curves.png" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["b"], "unknown study 'b'"),
        (["a", "9"], "study 'a' has no trial 9 - see `tuner show a`"),
        (["a", "4"], "trial 4 has no figures yet - wait until an epoch has been trained"),
        (["a", "1", "--format", "html"], "a trial has no interactive figures - use `tuner plots a --format html`"),
        (["a", "--output", "file/below"], "cannot write to file/below: Not a directory - choose another --output"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    tuner: Tuner, finished: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "file").write_text("")
    code, out, err = tuner("plots", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}")


def test_without_the_study_s_folder_another_one_must_be_chosen(tuner: Tuner, finished: Path, tmp_path: Path) -> None:
    finished.rmdir()
    code, _, err = tuner("plots", "a")
    assert code == 2
    assert (
        err == f"error: the folder {finished} of study 'a' is not on this machine - choose a folder with --output DIR\n"
    )
    assert tuner("plots", "a", "--output", "here").code == 0
    assert "history.png" in files(tmp_path / "here")
    assert not finished.exists()
