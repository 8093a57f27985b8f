"""`tuner report`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.serve_app.dashboard import sample_studies
from tests.serve_app.dashboard.sample_studies import SampleStudy
from tuner.console.report import print_report
from tuner.errors import FixInputError
from tuner.settings import Settings
from tuner.store import Store


def printed(store: Store, name: str, file: Path | None, **options: object) -> str:
    out = io.StringIO()
    print_report(store, name, file, Settings(), Console(file=out, width=500), **options)  # type: ignore[arg-type]
    return out.getvalue()


def test_it_prints_the_path_in_the_studys_folder(store: Store, studies: dict[str, SampleStudy], results: Path) -> None:
    file = results / sample_studies.WAITING / "report.html"
    assert printed(store, sample_studies.WAITING, None) == f"{file}\n"
    assert "The study has not begun yet." in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_another_file_and_the_browser(store: Store, studies: dict[str, SampleStudy], tmp_path: Path) -> None:
    opened: list[str] = []

    def opens(address: str) -> bool:
        opened.append(address)
        return False

    text = printed(store, sample_studies.WAITING, tmp_path / "a b.html", opens=opens)
    assert opened == [f"file://{tmp_path}/a%20b.html"]
    assert text.endswith("No browser was found: open the file yourself.\n")


def test_a_file_that_cannot_be_written_is_one_line(
    store: Store, studies: dict[str, SampleStudy], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FixInputError, match="cannot be written: "):
        printed(store, sample_studies.WAITING, tmp_path / "file" / "report.html")
