"""The report as a page: complete, valid, self-contained."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.serve_app.dashboard import sample_studies
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tests.study.report.conftest import ChangedFacts
from tuner.errors import UnknownStudyError
from tuner.store import Store
from tuner.study.report import report_html, write_report
from tuner.study.report.__main__ import main
from tuner.study.report.facts import StudyFacts
from tuner.study.report.page import SECTIONS, Pictures, page_of
from tuner.study.report.pictures import Picture

VOID = {"meta", "link", "img", "br", "input"}
MOST_BYTES = 5_000_000


class Checked(HTMLParser):
    """Tags that are closed in their order, ids that are unique, and everything that a browser would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.without_alt = 0
        self.headings: list[int] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if given.get("id"):
            self.ids.append(given["id"] or "")
        self.loaded += [given[name] or "" for name in ("src", "srcset", "data", "action") if name in given]
        if "href" in given:
            (self.links if tag == "a" else self.loaded).append(given["href"] or "")
        if tag == "img" and not given.get("alt"):
            self.without_alt += 1
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "name",
    [
        sample_studies.HEALTH,
        sample_studies.TEXTS,
        sample_studies.EVERY_STATUS,
        sample_studies.RUNNING,
        sample_studies.WAITING,
        sample_studies.FAILED,
        sample_studies.INTERRUPTED,
    ],
)
def test_every_study_has_a_valid_page_that_loads_nothing(
    store: Store, studies: dict[str, SampleStudy], name: str
) -> None:
    page = report_html(store, name)
    found = Checked(page)
    assert page.startswith("<!DOCTYPE html>")
    assert len(page.encode()) < MOST_BYTES
    assert len(found.ids) == len(set(found.ids))
    assert set(SECTIONS) <= set(found.ids)
    assert found.links == [f"#{section}" for section in SECTIONS]
    assert all(address.startswith("data:") for address in found.loaded)
    assert not re.search(r"url\(|@import|<script|<iframe| on\w+=", page)
    assert found.without_alt == 0
    assert all(after <= before + 1 for before, after in zip(found.headings, found.headings[1:], strict=False))
    assert "None" not in re.sub(r"<style>.*?</style>|<[^>]*>|None of them was", " ", page, flags=re.DOTALL)


def test_no_folder_of_this_machine_is_in_it(store: Store, facts: StudyFacts, results: Path) -> None:
    page = report_html(store, facts.study.name)
    assert str(results) not in page
    assert "Data set mnist" in page


def test_of_the_path_of_a_data_set_only_the_last_part_is_the_title(facts: StudyFacts, changed: ChangedFacts) -> None:
    spec = facts.spec.model_copy(update={"dataset": "/home/ann/leaves"})
    page = page_of(changed(spec=spec), Pictures())
    assert "Data set leaves<" in page
    assert page.count("/home/ann/leaves") == 1, "the command needs it"


def test_texts_of_users_are_no_markup(changed: ChangedFacts) -> None:
    warning = "class '<script>alert(1)</script>' has `2` samples"
    page = page_of(changed(warnings=(warning,)), Pictures())
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "has <code>2</code> samples" in page
    Checked(page)


def test_figures_and_the_reasons_of_those_that_are_missing(facts: StudyFacts) -> None:
    there = Picture("a", "A", "mnist, 300 samples", "What it shows.", b"<svg/>", wide=True)
    missing = [Picture(name, name, "", "", b"", nothing="The model was not kept.") for name in ("B", "C")]
    page = page_of(facts, Pictures([there], missing))
    assert 'alt="A. mnist, 300 samples."' in page
    assert "<figcaption>What it shows.</figcaption>" in page
    assert "Not drawn (B, C): The model was not kept." in page


def test_the_file_is_written_whole_or_not_at_all(store: Store, studies: dict[str, SampleStudy], tmp_path: Path) -> None:
    file = tmp_path / "new" / "report.html"
    assert write_report(store, sample_studies.WAITING, file) == file
    assert [one.name for one in file.parent.iterdir()] == ["report.html"]
    before = file.read_text()
    with pytest.raises(UnknownStudyError):
        write_report(store, "no-such-study", file)
    assert file.read_text() == before


def test_a_process_of_its_own_writes_it(
    store: Store, studies: dict[str, SampleStudy], results: Path, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TUNER_")}
    environment["TUNER_RESULTS_DIR"] = str(results)

    command = [sys.executable, "-m", "tuner.study.report", sample_studies.WAITING, "--output", str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=250)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The study has not begun yet." in file.read_text()


@pytest.mark.usefixtures("studies")
def test_it_ends_with_2_and_the_reason_where_there_is_no_such_study(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUNER_RESULTS_DIR", str(results))
    assert main(["no-such-study", "--output", str(tmp_path / "report.html")]) == 2
    assert "no-such-study" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
