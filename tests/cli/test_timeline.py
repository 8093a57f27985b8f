"""`tuner timeline`: the table, the document and the picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tuner
from tests.store.samples import spec
from tests.study.test_timeline import TRAINED
from tuner.store import Store


@pytest.fixture
def timed(store: Store, results: Path) -> str:
    """The name of a study whose times are known."""
    store.create_study(spec("d"), folder=str(results / "d"))
    for event in TRAINED:
        store.append("d", event)
    return "d"


def test_each_phase_and_each_use_of_the_workers_has_its_seconds_and_share(tuner: Tuner, timed: str) -> None:
    code, out, err = tuner("timeline", timed)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "d: 26 s from the command to the end"
    assert lines[1].split() == ["seconds", "share"]
    rows = {line.split("  ")[0]: line.split()[-3:-1] for line in lines if "%" in line}
    assert rows["importing packages"] == ["2.0", "8%"]
    assert rows["searching"] == ["10.0", "38%"]
    assert rows["no trial"] == ["8.0", "40%"]
    assert "While searching: 2 trials, 2 at a time" in lines


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_it_fits_the_terminal(tuner: Tuner, timed: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = tuner("timeline", timed).out.splitlines()
    assert max(map(len, lines)) <= min(columns, 90)
    assert lines[1].split() == ["seconds", "share"]


def test_the_document_has_the_same_seconds(tuner: Tuner, timed: str) -> None:
    document = json.loads(tuner("timeline", timed, "--json").out)
    assert document["phases"]["search"] == pytest.approx(10)
    assert document["work"]["idle"] == pytest.approx(8)
    assert (document["study"], document["ended"], document["places"]) == ("d", True, 2)


@pytest.mark.parametrize(("name", "begin"), [("d.png", b"\x89PNG"), ("d.svg", b"<?xml")])
def test_it_is_drawn_into_a_file(tuner: Tuner, timed: str, tmp_path: Path, name: str, begin: bytes) -> None:
    code, out, _ = tuner("timeline", timed, "--output", name)
    assert code == 0
    assert out.splitlines()[-1] == str(tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begin)


def test_another_kind_of_picture_is_refused(tuner: Tuner, timed: str) -> None:
    code, out, err = tuner("timeline", timed, "--output", "d.pdf")
    assert (code, out) == (2, "")
    assert err == "error: d.pdf is neither PNG nor SVG - end the name of --output with .png or .svg\n"


def test_a_study_that_has_not_run_has_none(tuner: Tuner, store: Store, results: Path) -> None:
    store.create_study(spec("e"), folder=str(results / "e"))
    assert tuner("timeline", "e") == (2, "", "error: study 'e' has not run yet - `tuner resume e` starts it\n")
