"""The folder for Ray's sockets: a short one that can be used, or a line that names the variable."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tuner.errors import FixInputError
from tuner.runners.ray_folder import LONGEST, choose_ray_folder, ray_folder


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAY_TMPDIR", "TMPDIR"):
        monkeypatch.setenv(name, "")  # so that the test's end removes what is set
        monkeypatch.delenv(name)
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file where a folder should be."""
    (tmp_path / "f").touch()
    return str(tmp_path / "f")


def test_the_longest_path_fits_a_socket() -> None:
    assert LONGEST == 39


def test_a_folder_that_ray_can_use_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    choose_ray_folder()
    assert "RAY_TMPDIR" not in os.environ
    assert ray_folder() == Path("/tmp")
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        monkeypatch.setenv("TMPDIR", f"{short}/new")
        choose_ray_folder()
        assert "RAY_TMPDIR" not in os.environ
        assert ray_folder() == Path(short, "new")


def test_a_long_or_unusable_tmpdir_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str) -> None:
    for folder in (tmp_path / ("j" * 60), file):
        monkeypatch.delenv("RAY_TMPDIR", raising=False)
        monkeypatch.setenv("TMPDIR", str(folder))
        monkeypatch.setattr(tempfile, "tempdir", None)
        choose_ray_folder()
        assert os.environ["RAY_TMPDIR"] in ("/tmp", "/var/tmp")


def test_a_long_or_unusable_ray_tmpdir_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str) -> None:
    for folder, why in ((str(tmp_path / ("j" * 60)), "is too long: at most 39 bytes"), (file, "cannot be used: ")):
        short = folder if len(folder) > LONGEST else os.path.relpath(folder)
        monkeypatch.setenv("RAY_TMPDIR", short)
        with pytest.raises(FixInputError, match=f"^RAY_TMPDIR={short} ") as refused:
            choose_ray_folder()
        if len(str(Path(short).absolute())) > LONGEST:
            why = "is too long"
        assert why in str(refused.value)
