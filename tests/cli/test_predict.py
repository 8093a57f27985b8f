"""`tuner predict`: classes and probabilities of files, by a real saved model."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Tuner

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def brightness(finished: str, results: Path) -> str:
    """A study whose best model finds "dark" and "bright" images of 8 x 8 pixels."""
    from tuner.models.keras_settings import import_keras

    keras = import_keras()
    mean = keras.layers.GlobalAveragePooling2D()
    decide = keras.layers.Dense(2, activation="softmax")
    model = keras.Sequential([keras.Input((8, 8, 1)), mean, decide])
    decide.set_weights([np.array([[-0.1, 0.1]]), np.array([12.0, -12.0])])
    folder = results / "a" / "best_model"
    model.save(folder / "model.keras")
    metadata = json.loads((folder / "metadata.json").read_text())
    metadata["labels"] = ["dark", "bright"]
    metadata["preprocessing"] |= {"raw_range": [0.0, 255.0], "image_fit": "stretch", "fill": 0.0}
    (folder / "metadata.json").write_text(json.dumps(metadata))
    return finished


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, value in (("night", 10), ("noon", 240)):
        Image.new("L", (30, 20), value).save(folder / f"{name}.png")
    return folder


def test_a_table_of_classes(tuner: Tuner, brightness: str, photos: Path) -> None:
    code, out, err = tuner("predict", "a", str(photos))
    rows = [line.split() for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert rows[0] == ["input", "class", "probability", "next", "probability"]
    assert rows[1] == ["night.png", "dark", "1.000", "bright", "0.000"]
    assert rows[2:] == [["noon.png", "bright", "1.000", "dark", "0.000"]]


def test_a_file_with_every_probability(tuner: Tuner, brightness: str, photos: Path, tmp_path: Path) -> None:
    code, out, err = tuner("predict", "a", str(photos), "--output", "found.csv")
    assert (code, out, err) == (0, "wrote 2 predictions to found.csv; dark 1, bright 1\n", "")
    rows = list(csv.reader((tmp_path / "found.csv").read_text().splitlines()))
    assert rows[0] == ["input", "class", "probability", "probability of dark", "probability of bright"]
    assert [row[:2] for row in rows[1:]] == [["night.png", "dark"], ["noon.png", "bright"]]
    assert all(abs(float(row[3]) + float(row[4]) - 1) < 1e-4 for row in rows[1:])
    assert [file.name for file in tmp_path.glob("*found*")] == ["found.csv"]


def test_one_json_document(tuner: Tuner, brightness: str, photos: Path) -> None:
    document = json.loads(tuner("predict", "a", str(photos / "noon.png"), "--json").out)
    assert (document["study"], document["trial_number"]) == ("a", 2)
    (only,) = document["predictions"]
    assert (only["input"], only["class"]) == (str(photos / "noon.png"), "bright")
    assert only["probabilities"]["bright"] == only["probability"] > 0.99


def test_more_than_one_batch_in_order(tuner: Tuner, brightness: str, tmp_path: Path) -> None:
    bright = np.arange(600) % 7 == 0
    values = np.where(bright, 240, 10).astype(np.uint8)
    np.save(tmp_path / "x.npy", np.broadcast_to(values[:, None, None], (600, 8, 8)))
    found = json.loads(tuner("predict", "a", "x.npy", "--json").out)["predictions"]
    assert [one["class"] == "bright" for one in found] == bright.tolist()


def test_wrong_output_is_refused_before_the_work(tuner: Tuner, finished: str, photos: Path) -> None:
    assert tuner("predict", "a", str(photos), "--output", str(photos)) == (
        2, "", f"error: --output {photos} is a folder - write --output {photos}/predictions.csv\n",
    )  # fmt: skip
    night = str(photos / "night.png")
    before = Path(night).read_bytes()
    assert (
        tuner("predict", "a", night, "-o", night).err == f"error: --output {night} is the input - choose another file\n"
    )
    assert Path(night).read_bytes() == before
    assert "no/there does not exist - create the folder first" in tuner("predict", "a", "x", "-o", "no/there/x.csv").err


def test_a_study_without_a_model(tuner: Tuner, running: str) -> None:
    code, out, err = tuner("predict", "a", "x.png")
    assert (code, out) == (2, "")
    assert err == "error: study 'a' has no saved model - it is saved when the study ends\n"


def test_a_damaged_model_is_one_line(tuner: Tuner, finished: str, photos: Path) -> None:
    code, out, err = tuner("predict", "a", str(photos))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "cannot load" in err
