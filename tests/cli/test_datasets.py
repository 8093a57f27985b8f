"""`tuner datasets` and `tuner datasets add`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Tuner


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


def test_what_is_no_data_set_gets_none(tuner: Tuner) -> None:
    for arguments in (("leaves", "nowhere.npz"), ("digits", "."), ("../x", ".")):
        refused = tuner("datasets", "add", *arguments)
        assert (refused.code, len(refused.err.splitlines())) == (2, 1)
    assert "leaves" not in tuner("datasets").out
