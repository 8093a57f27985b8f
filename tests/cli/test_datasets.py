"""`tuner datasets` and its commands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Tuner
from tests.permissions import mode


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (60, 7, 5), np.uint8)
    np.savez(tmp_path / "photos.npz", x=pixels, y=np.arange(60) % 3)
    return tmp_path / "photos.npz"


def test_an_own_data_set_gets_a_name(tuner: Tuner, photos: Path) -> None:
    added = tuner("datasets", "add", "leaves", "photos.npz")
    assert (added.code, added.out) == (
        0,
        "added leaves: 60 images of 3 classes. To use it: tuner run dataset=leaves\n",
    )
    assert "leaves" in tuner("datasets").out
    assert json.loads(tuner("datasets", "--json").out)[-1] == {
        "name": "leaves",
        "kind": "image",
        "samples": 60,
        "classes": 3,
        "source": f"registered: {photos}",
        "file": None,
    }


@pytest.mark.usefixtures("usual_umask")
def test_only_the_owner_can_read_what_was_added(tuner: Tuner, photos: Path, results: Path) -> None:
    assert tuner("datasets", "add", "leaves", "photos.npz").code == 0
    added = [results, *results.rglob("*")]
    assert {mode(one) for one in added if one.is_dir()} == {"0o700"}
    assert {mode(one) for one in added if one.is_file()} == {"0o600"}


def test_what_is_no_data_set_gets_none(tuner: Tuner) -> None:
    for arguments in (("leaves", "nowhere.npz"), ("digits", "."), ("../x", ".")):
        refused = tuner("datasets", "add", *arguments)
        assert (refused.code, len(refused.err.splitlines())) == (2, 1)
    assert "leaves" not in tuner("datasets").out


def test_a_check_shows_the_samples_of_each_class_and_part(tuner: Tuner, photos: Path) -> None:
    checked = tuner("datasets", "check", "photos.npz", "validation_split=0.5")
    assert checked.code == 0
    size, headings, *lines = checked.out.splitlines()
    assert size == "photos.npz: 60 images of 3 classes, 7 x 5 pixels, greyscale"
    assert headings.split() == ["class", "training", "validation", "test"]
    assert [line.split() for line in lines[:3]] == [["0", "8", "8", "4"], ["1", "8", "8", "4"], ["2", "8", "8", "4"]]
    assert lines[3:] == ["warning: 3 classes have fewer than 10 training samples: '0' (8), '1' (8), '2' (8)"]
    document = json.loads(tuner("datasets", "check", "photos.npz", "--json").out)
    assert document["classes"][1] == {"label": "1", "train": 13, "validation": 3, "test": 4}


def test_a_check_of_no_data_set_is_one_line(tuner: Tuner) -> None:
    refused = tuner("datasets", "check", "nowhere.npz")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("nowhere.npz does not exist - check the path\n")


def test_a_removed_data_set_is_gone_and_its_file_stays(tuner: Tuner, photos: Path) -> None:
    tuner("datasets", "add", "leaves", "photos.npz")
    assert tuner("datasets", "remove", "leaves").out == f"removed leaves; {photos} stays\n"
    assert photos.exists()
    assert tuner("datasets", "remove", "leaves").err == "error: no data set 'leaves' was added - none was added\n"


def test_an_unknown_name_is_answered_with_the_nearest_one_also_of_added_data_sets(tuner: Tuner, photos: Path) -> None:
    tuner("datasets", "add", "leaves", "photos.npz")
    refused = tuner("datasets", "check", "leavs")
    assert (refused.code, refused.err) == (2, "error: unknown data set 'leavs' - did you mean 'leaves'?\n")
