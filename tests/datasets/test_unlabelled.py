"""Samples to classify, from every kind of file that a model of its kind can read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tuner.datasets.unlabelled import ModelTakes, Unlabelled, read_lines, read_unlabelled
from tuner.errors import FixInputError

SIDE = 8
PIXELS: dict[str, Any] = {
    "input": "pixels",
    "shape": ["samples", SIDE, SIDE, 1],
    "raw_range": [0.0, 255.0],
    "image_fit": "stretch",
    "fill": 0.0,
    "background": None,
    "white": None,
}
IMAGES = ModelTakes("a", PIXELS, ["cat", "dog"])
TEXTS = ModelTakes("a", {"input": "strings"}, ["bad", "good"])
INDICES = ModelTakes("a", {"input": "word indices, as in the data set's file"}, ["0", "1"])
DRAWN = np.random.default_rng(0).integers(0, 256, (3, SIDE, SIDE), np.uint8)
LINES = ["a fine film, really", "dull", "so so"]


def png(image: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def all_of(found: Unlabelled) -> Any:
    return found.inputs(slice(None))


def said(found: Unlabelled) -> list[str]:
    return [f"{note.kind}: {note.text}" for note in found.notes]


class TestImages:
    def test_one_file(self, tmp_path: Path) -> None:
        (tmp_path / "one.png").write_bytes(png(DRAWN[0]))
        found = read_unlabelled(tmp_path / "one.png", IMAGES)
        assert list(found.names) == [str(tmp_path / "one.png")]
        assert (all_of(found)[0, ..., 0] == DRAWN[0]).all()

    def test_a_folder_at_any_depth_and_what_is_left_out(self, tmp_path: Path) -> None:
        for i, name in enumerate(["b.png", "x/y/a.png", "x/c.jpg"]):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(png(DRAWN[i]))
        (tmp_path / "notes.md").write_text("hello")
        found = read_unlabelled(tmp_path, IMAGES)
        assert list(found.names) == ["b.png", "x/c.jpg", "x/y/a.png"]
        assert (all_of(found)[..., 0] == DRAWN[[0, 2, 1]]).all()
        assert said(found) == ["left_out: 1 file of type .md (notes.md)"]
        assert (found.inputs(slice(1, 2))[0, ..., 0] == DRAWN[2]).all(), "some of them"

    def test_an_unreadable_one_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "good.png").write_bytes(png(DRAWN[0]))
        (tmp_path / "broken.png").write_bytes(png(DRAWN[0])[:40])
        found = read_unlabelled(tmp_path, IMAGES)
        with pytest.raises(FixInputError, match=r"broken\.png is not a readable image"):
            all_of(found)

    @pytest.mark.parametrize("form", ["pixel columns", "label and pixel columns", "pixels in a cell", "names", "bytes"])
    def test_a_table(self, tmp_path: Path, form: str) -> None:
        flat = DRAWN.reshape(3, -1)
        frame = pd.DataFrame(flat, columns=[f"pixel{i}" for i in range(SIDE * SIDE)])
        file = tmp_path / "table.csv"
        if form == "label and pixel columns":
            frame.insert(0, "label", [7, 8, 9])
        if form == "pixels in a cell":
            frame = pd.DataFrame({"pixels": [" ".join(map(str, row)) for row in flat]})
        if form == "names":
            for i, image in enumerate(DRAWN):
                (tmp_path / f"{i}.png").write_bytes(png(image))
            frame = pd.DataFrame({"file": [f"{i}.png" for i in range(3)]})
        if form == "bytes":
            file = tmp_path / "table.parquet"
            pd.DataFrame({"image": [{"bytes": png(image), "path": None} for image in DRAWN]}).to_parquet(file)
        else:
            frame.to_csv(file, index=False)
        found = read_unlabelled(file, IMAGES)
        assert list(found.names) == (["0.png", "1.png", "2.png"] if form == "names" else ["row 1", "row 2", "row 3"])
        assert (all_of(found)[..., 0] == DRAWN).all()
        assert ("left_out: column label" in said(found)) == (form == "label and pixel columns")

    @pytest.mark.parametrize("shape", [(3, 8, 8), (3, 8, 8, 1), (3, 64), (3, 1, 8, 8)])
    def test_arrays(self, tmp_path: Path, shape: tuple[int, ...]) -> None:
        np.save(tmp_path / "x.npy", DRAWN.reshape(shape))
        assert (all_of(read_unlabelled(tmp_path / "x.npy", IMAGES))[..., 0] == DRAWN).all()

    def test_one_image_as_an_array_of_another_size(self, tmp_path: Path) -> None:
        np.save(tmp_path / "x.npy", np.full((16, 20), 90, np.uint8))
        found = read_unlabelled(tmp_path / "x.npy", IMAGES)
        assert (all_of(found) == np.full((1, SIDE, SIDE, 1), 90)).all()

    def test_of_an_archive_the_test_part_else_the_only_samples(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "a.npz", x_train=DRAWN[:2], y_train=[0, 1], x_test=DRAWN[2:], y_test=[1])
        found = read_unlabelled(tmp_path / "a.npz", IMAGES)
        assert (all_of(found)[..., 0] == DRAWN[2:]).all()
        assert "left_out: arrays x_train, y_test, y_train" in said(found)
        np.savez(tmp_path / "b.npz", anything=DRAWN)
        assert (all_of(read_unlabelled(tmp_path / "b.npz", IMAGES))[..., 0] == DRAWN).all()
        np.savez(tmp_path / "c.npz", one=DRAWN, two=DRAWN)
        with pytest.raises(FixInputError, match="has the arrays one, two - name the one to classify x"):
            read_unlabelled(tmp_path / "c.npz", IMAGES)

    @pytest.mark.parametrize("scale", [1 / 255, 1 / 16, 257])
    def test_another_scale_than_in_training_is_a_warning(self, tmp_path: Path, scale: float) -> None:
        np.save(tmp_path / "x.npy", DRAWN.astype(np.float32) * scale)
        warnings = said(read_unlabelled(tmp_path / "x.npy", IMAGES))
        assert any("those of the training were from 0 to 255" in line for line in warnings)

    @pytest.mark.parametrize(("values", "warned"), [((-1.0, -0.1), False), ((0.0, 255.0), True)])
    def test_also_of_pixels_below_zero(self, tmp_path: Path, values: tuple[float, float], warned: bool) -> None:
        below = ModelTakes("a", PIXELS | {"raw_range": [-1.0, 0.0]}, ["cat", "dog"])
        np.save(tmp_path / "x.npy", np.linspace(*values, 3 * SIDE * SIDE).reshape(3, SIDE, SIDE))
        assert bool(said(read_unlabelled(tmp_path / "x.npy", below))) is warned

    def test_the_scale_of_the_training_needs_no_word(self, tmp_path: Path) -> None:
        np.save(tmp_path / "x.npy", DRAWN)
        assert said(read_unlabelled(tmp_path / "x.npy", IMAGES)) == []


class TestTexts:
    def test_a_text_in_each_line(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("a fine film, really\n\n dull \r\nso so")
        found = read_unlabelled(tmp_path / "a.txt", TEXTS)
        assert list(found.names) == LINES
        assert all_of(found).tolist() == LINES

    def test_the_standard_input(self) -> None:
        assert all_of(read_lines(io.BytesIO("naïve\nplot\n".encode()), TEXTS)).tolist() == ["naïve", "plot"]
        with pytest.raises(FixInputError, match=r"classifies images, and - means texts"):
            read_lines(io.BytesIO(b""), IMAGES)

    def test_a_folder_of_texts(self, tmp_path: Path) -> None:
        for i, line in enumerate(LINES):
            (tmp_path / f"{i}.txt").write_text(line + "\nand more\n")
        (tmp_path / "list.pdf").write_bytes(b"")
        found = read_unlabelled(tmp_path, TEXTS)
        assert list(found.names) == ["0.txt", "1.txt", "2.txt"]
        assert all_of(found)[1] == "dull\nand more"
        assert said(found) == ["left_out: 1 file, not .txt"]

    @pytest.mark.parametrize(
        "columns",
        [
            {"text": LINES},
            {"id": [1, 2, 3], "text": LINES, "label": ["bad", "good", "good"]},
            {"whatever": LINES},
            {"whatever": LINES, "verdict": ["bad", "good", "good"]},
            {"review": LINES, "author": ["x", "y", "z"]},
        ],
    )
    @pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
    def test_a_table(self, tmp_path: Path, columns: dict[str, Any], kind: str) -> None:
        frame, file = pd.DataFrame(columns), tmp_path / f"t.{kind}"
        if kind == "parquet":
            frame.to_parquet(file)
        elif kind == "jsonl":
            frame.to_json(file, orient="records", lines=True)
        else:
            frame.to_csv(file, index=False, sep="," if kind == "csv" else "\t")
        assert all_of(read_unlabelled(file, TEXTS)).tolist() == LINES

    def test_columns_that_may_all_be_texts(self, tmp_path: Path) -> None:
        pd.DataFrame({"one": LINES, "two": LINES}).to_csv(tmp_path / "t.csv", index=False)
        with pytest.raises(FixInputError, match=r"the columns of .*t\.csv are one, two - name the column of the texts"):
            read_unlabelled(tmp_path / "t.csv", TEXTS)

    def test_an_array_of_strings(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "t.npz", x=np.array(LINES))
        assert all_of(read_unlabelled(tmp_path / "t.npz", TEXTS)).tolist() == LINES


class TestWordIndices:
    def test_rows_without_their_padding(self, tmp_path: Path) -> None:
        np.save(tmp_path / "x.npy", np.array([[1, 2, 0, 0], [4, 5, 6, 0]]))
        assert all_of(read_unlabelled(tmp_path / "x.npy", INDICES)).tolist() == [[1, 2, 0], [4, 5, 6]]


@pytest.mark.parametrize(
    ("file", "content", "takes", "line"),
    [
        ("no.png", None, IMAGES, "does not exist - check the path"),
        ("no.txt", None, TEXTS, "does not exist - check the path; for one text: echo TEXT | tuner predict NAME -"),
        ("a.txt", b"x", IMAGES, "holds text, and the model of study 'a' classifies images"),
        ("a.png", png(DRAWN[0]), TEXTS, "is an image, and the model of study 'a' classifies texts"),
        ("a.txt", b"x", INDICES, "classifies rows of word indices - give .npy or .npz with word indices"),
        ("a.csv", b"text\nx\n", INDICES, "is a table, and the model of study 'a' classifies rows of word indices"),
        ("a.zip", b"PK", IMAGES, "is an archive - unpack it and give the folder"),
        ("a.txt", b" \n", TEXTS, "holds no samples"),
        ("a.csv", b"h,w\n1.5,2\n2,4\n", IMAGES, "give a column of image files or their names, or one column for each"),
        ("a.npz", b"no", IMAGES, "is not a file of arrays"),
    ],
)
def test_what_the_model_cannot_read_is_said_in_one_line(
    tmp_path: Path, file: str, content: bytes | None, takes: ModelTakes, line: str
) -> None:
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(FixInputError) as error:
        read_unlabelled(tmp_path / file, takes)
    assert line in str(error.value)
    assert file in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("takes", [IMAGES, TEXTS, INDICES])
def test_an_empty_folder(tmp_path: Path, takes: ModelTakes) -> None:
    with pytest.raises(FixInputError, match="the model of study 'a' classifies"):
        read_unlabelled(tmp_path, takes)
