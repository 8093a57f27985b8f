"""What is wrong with a saved model is one line with the remedy, without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import saved_models
from tests.saved_models import DAMAGES
from tuner.study.saved_model import DamagedModelError, check_content, checksum, read_model, usable_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    saved_models.save(tmp_path / "best_model", "s", test_loss=0.5, refit={"epochs": 1, "samples": 2, "seconds": 3})
    return tmp_path / "best_model"


def test_a_model_that_can_be_used(folder: Path) -> None:
    saved = read_model(folder, "s")
    assert saved is not None
    assert (saved.file, saved.trial_number, saved.refitted) == (folder / "model.keras", 1, True)
    assert saved.metadata["labels"] == list("0123456789")
    check_content(saved.file, saved.metadata, "s")


@pytest.mark.parametrize("missing", ["model.keras", "metadata.json"])
def test_where_a_file_is_missing_no_model_is_saved(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    assert read_model(folder, "s") is None
    assert read_model(folder / missing / "below a file", "s") is None


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
def test_each_damage_is_named_with_the_remedy(folder: Path, damage: Callable[[Path], object], message: str) -> None:
    damage(folder)
    with pytest.raises(DamagedModelError) as error:
        read_model(folder, "s")
    assert error.value.message.startswith(f"the saved model of study 's' is damaged: {message}")
    assert error.value.remedy == "`tuner resume s` saves it again"
    assert len(str(error.value)) < 250
    assert "\n" not in str(error.value)
    assert usable_model(folder, "s") is None


def test_a_model_of_another_trial_needs_no_test_and_is_restored_from_a_copy(folder: Path) -> None:
    DAMAGES["missing score"][0](folder)
    assert read_model(folder, "s", best=False) is not None
    DAMAGES["cut short"][0](folder)
    with pytest.raises(DamagedModelError, match="restore its folder from a copy"):
        read_model(folder, "s", best=False)


def test_a_file_that_is_not_the_one_of_the_metadata_is_damaged(folder: Path) -> None:
    saved_models.change(folder, model_sha256=checksum(folder / "model.keras"))
    saved = read_model(folder, "s")
    assert saved is not None
    check_content(saved.file, saved.metadata, "s")
    saved.file.write_bytes(saved_models.keras_file("another model"))
    with pytest.raises(DamagedModelError, match=r"model\.keras is not the file that metadata\.json describes"):
        check_content(saved.file, saved.metadata, "s")
