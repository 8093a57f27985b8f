"""Kinds of table files as people have them, and what is read or said."""

import gzip
import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tuner.errors import FixInputError

ROWS = [(f"a long day at the café number {i}", "good" if i % 2 else "bad") for i in range(60)]
PIXELS = np.random.default_rng(0).integers(0, 256, (60, 14, 14), np.uint8)
DIGITS = np.arange(60) % 3


def lines(separator=",", header="text,label", rows=ROWS):
    head = [header.replace(",", separator)] if header else []
    return "\n".join([*head, *(separator.join(map(str, row)) for row in rows)]) + "\n"


def table(**columns):
    return pd.DataFrame(columns).to_csv(index=False)


TEXTS, LABELS = (list(column) for column in zip(*ROWS, strict=True))
SWAPPED = [(label, text) for text, label in ROWS]
RECORDS = [{"text": text, "label": label} for text, label in ROWS]
SPLIT = ["train"] * 40 + ["val"] * 8 + ["test"] * 12

TEXT_FILES = {
    "commas": ("own.csv", lines(), []),
    "semicolons": ("own.csv", lines(";"), ["columns separated by semicolons"]),
    "tabs in csv": ("own.csv", lines("\t"), ["columns separated by tabs"]),
    "bars": ("own.csv", lines("|"), ["columns separated by vertical bars"]),
    "tsv": ("own.tsv", lines("\t"), []),
    "txt of semicolons": ("own.txt", lines(";", header=""), ["semicolons", "the first row as a sample", "column 1"]),
    "byte order mark": ("own.csv", lines().encode("utf-8-sig"), []),
    "utf-16": ("own.csv", lines().encode("utf-16"), ["text in UTF-16, not UTF-8"]),
    "utf-16 without a mark": ("own.csv", lines().encode("utf-16-le"), ["text in UTF-16-LE"]),
    "cp1252": ("own.csv", lines().encode("cp1252"), ["text in cp1252, not UTF-8"]),
    "gzip": ("own.csv.gz", gzip.compress(lines().encode()), []),
    "gzipped lines of json": (
        "own.jsonl.gz",
        gzip.compress(lines_ := "\n".join(map(json.dumps, RECORDS)).encode()),
        [],
    ),
    "lines of json": ("own.jsonl", lines_, []),
    "lines of json called json": ("own.json", lines_, []),
    "records": ("own.json", json.dumps(RECORDS), []),
    "records below a key": ("own.json", json.dumps({"version": 1, "data": RECORDS}), []),
    "columns of json": ("own.json", json.dumps({"text": TEXTS, "label": LABELS}), []),
    "no header": ("own.csv", lines(header="", rows=SWAPPED), ["the first row as a sample", "column 2 as text"]),
    "a tab before texts with a comma each": (
        "own.txt",
        "".join(f"{label}\t{text}, it was\n" for text, label in ROWS),
        ["columns separated by tabs", "the first row as a sample", "column 2 as text, column 1 as label"],
    ),
    "sep= of Excel": ("own.csv", "sep=;\n" + lines(";"), []),
    "spam file": ("own.csv", lines(header="v1,v2", rows=SWAPPED), ["column v2 as text, v1 as label"]),
    "index column": ("own.csv", pd.DataFrame(RECORDS).to_csv(), ["column Unnamed: 0"]),
    "id and other columns": (
        "own.csv",
        table(id=range(60), tweet=TEXTS, airline=LABELS[::-1], sentiment=LABELS),
        ["column id", "column airline", "column tweet as text, sentiment as label"],
    ),
    "title and description": (
        "own.csv",
        table(category=LABELS, title=LABELS[::-1], description=TEXTS),
        ["column title", "column description as text, category as label"],
    ),
    "labels twice": (
        "own.csv",
        table(text=TEXTS, sentiment=LABELS, category=[{"bad": 0, "good": 1}[label] for label in LABELS]),
        ["column sentiment", "column text as text, category as label"],
    ),
    "quoted newlines": ("own.csv", table(text=[f"{text}\nsecond line" for text in TEXTS], label=LABELS), []),
    "missing values": (
        "own.csv",
        table(text=["", *TEXTS[1:]], label=[*LABELS[:-1], ""]),
        ["1 row without a text, first: row 1", "1 row without a label, first: row 59"],
    ),
    "a row too long": ("own.csv", lines() + "one, two, three, four\n", ["1 row with more fields than the others"]),
    "split column": (
        "own.csv",
        table(text=TEXTS, label=LABELS, split=SPLIT),
        ["column split as training, validation and test parts"],
    ),
}


@pytest.mark.parametrize("name", TEXT_FILES)
def test_texts(loads, tmp_path, name):
    file, content, expected = TEXT_FILES[name]
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    data, test = loads(tmp_path / file)
    assert data.report.kind == "text"
    assert data.labels in (("bad", "good"), ("0", "1"))
    assert all("a long day at the café" in text for text in test.x)
    said = [
        note.text for note in data.report.notes if note.kind in ("read", "left_out") and "training" not in note.text
    ]
    parts = [note.text for note in data.report.notes if "column split" in note.text]
    assert len(said + parts) == len(expected), said
    assert all(any(text in one for one in said + parts) for text in expected), said
    if name == "split column":
        assert (len(data.train), len(data.validation), len(test.y)) == (40, 8, 12)
    elif name not in ("missing values", "a row too long"):
        assert len(data.train) + len(data.validation) + len(test.y) == 60


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


FLAT = PIXELS.reshape(60, -1)
SPACED = [" ".join(map(str, row)) for row in FLAT]
FER = ["Training"] * 40 + ["PublicTest"] * 8 + ["PrivateTest"] * 12


def pixel_table(header=True, prefix="pixel"):
    frame = pd.DataFrame(FLAT, columns=[f"{prefix}{i}" for i in range(196)])
    frame.insert(0, "label", DIGITS)
    return frame.to_csv(index=False, header=header)


IMAGE_FILES = {
    "pixels as text": ("own.csv", lambda path: path.write_text(table(emotion=DIGITS, pixels=SPACED))),
    "fer2013": ("own.csv", lambda path: path.write_text(table(emotion=DIGITS, pixels=SPACED, Usage=FER))),
    "a column for each pixel": ("own.csv", lambda path: path.write_text(pixel_table())),
    "pixels without a header": ("own.csv", lambda path: path.write_text(pixel_table(header=False))),
    "pixels by row and column": ("own.csv", lambda path: path.write_text(pixel_table(prefix="1x"))),
    "hugging face": (
        "own.parquet",
        lambda path: pd.DataFrame(
            {"image": [{"bytes": png(p), "path": f"{i}.png"} for i, p in enumerate(PIXELS)], "label": DIGITS}
        ).to_parquet(path),
    ),
    "bytes": (
        "own.parquet",
        lambda path: pd.DataFrame({"img": [png(p) for p in PIXELS], "label": DIGITS}).to_parquet(path),
    ),
    "pixels before labels": (
        "own.csv",
        lambda path: np.savetxt(path, np.c_[FLAT, DIGITS], "%d", ","),
    ),
    "file names": ("own.csv", lambda path: path.write_text(files(path.parent))),
    "file names without suffixes": (
        "own.csv",
        lambda path: path.write_text(files(path.parent) and table(id=range(60), diagnosis=DIGITS)),
    ),
    "ids beside other columns": (
        "own.csv",
        lambda path: path.write_text(files(path.parent) and table(age=DIGITS, image_id=range(60), dx=1, label=DIGITS)),
    ),
    "the same image in two folders": (
        "own.csv",
        lambda path: path.write_text(files(path.parent, "copy") and files(path.parent)),
    ),
}


def files(folder, name="images"):
    (folder / name).mkdir()
    for i, pixels in enumerate(PIXELS):
        (folder / name / f"{i}.png").write_bytes(png(pixels))
    return table(filename=[f"{i}.png" for i in range(60)], label=DIGITS)


def test_fractions_before_labels(loads, tmp_path):
    np.savetxt(tmp_path / "own.csv", np.c_[FLAT / 255, DIGITS], delimiter=",")
    data, test = loads(tmp_path / "own.csv")
    assert (data.labels, test.x.shape[1:]) == (("0", "1", "2"), (14, 14, 1))


def test_names_of_two_different_images_stop(loads, tmp_path):
    (tmp_path / "own.csv").write_text(files(tmp_path, "train"))
    files(tmp_path, "test")
    (tmp_path / "test" / "7.png").write_bytes(png(PIXELS[8]))
    with pytest.raises(
        FixInputError, match=r"7.png is in .* several times \(test/7.png, train/7.png\) - move the table"
    ):
        loads(tmp_path / "own.csv")


def test_idx_files_as_torchvision_stores_them(loads, tmp_path):
    (tmp_path / "raw").mkdir()
    for part, some in (("train", slice(48)), ("t10k", slice(48, 60))):
        for kind, array in (("images-idx3", PIXELS[some]), ("labels-idx1", DIGITS[some].astype(np.uint8))):
            header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            (tmp_path / "raw" / f"{part}-{kind}-ubyte").write_bytes(header + array.tobytes())
            (tmp_path / "raw" / f"{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))
    data, test = loads(tmp_path)
    assert len(data.train) + len(data.validation) == 48
    assert (test.x[..., 0] == PIXELS[48:]).all()
    assert (test.y == DIGITS[48:]).all()
    assert data.report.notes[0].text == "train is the training part, t10k is the test part"
    with pytest.raises(FixInputError, match="give the folder of the four IDX files"):
        loads(tmp_path / "raw" / "train-images-idx3-ubyte.gz")


@pytest.mark.parametrize("name", IMAGE_FILES)
def test_images(loads, tmp_path, name):
    file, write = IMAGE_FILES[name]
    write(tmp_path / file)
    data, test = loads(tmp_path / file)
    assert (data.input.height, data.input.width, data.input.channels) == (14, 14, 1)
    assert data.labels == ("0", "1", "2")
    expected = dict(zip((image.tobytes() for image in PIXELS), map(str, DIGITS), strict=True))
    assert all(expected[image.tobytes()] == data.labels[y] for image, y in zip(test.x, test.y, strict=True))
    assert "read" in [note.kind for note in data.report.notes]
    if name == "fer2013":
        assert (len(data.train), len(data.validation), len(test.y)) == (40, 8, 12)


SENTENCES = [f"dzień dobry i dziękuję, to jest numer {i}" for i in range(60)]
WINE = "60,13,class_0,class_1\n" + "".join(f"{i},2.5,{',1' * 10},{i % 2}\n".replace(",,", ",") for i in range(60))
REFUSED = {
    "wine of scikit-learn": ("own.csv", WINE, "holds numbers - tuner learns from images and texts, not from tables of"),
    "iris of scikit-learn": (
        "own.csv",
        "60,2,setosa\n" + "".join(f"{i},2.5,{i % 2}\n" for i in range(60)),
        "holds numbers .* tables of measurements",
    ),
    "numbers and names": (
        "own.json",
        pd.DataFrame({"Name": LABELS, "hp": DIGITS, "Cylinders": DIGITS, "Year": DIGITS}).to_json(orient="records"),
        "holds numbers .* tables of measurements; if a column holds texts, name it text",
    ),
    "titanic": (
        "own.csv",
        table(Survived=DIGITS, Name=["Braund, Mr. Owen Harris"] * 60, Age=["NA", *range(59)], Fare=range(60), Cabin=""),
        "holds numbers .* tables of measurements",
    ),
    "ids of images elsewhere": (
        "own.csv",
        table(id=[f"{i:032x}" for i in range(60)], breed=LABELS),
        "column id of own.csv holds no texts - name .* or put the images that it names beside",
    ),
    "numbers beside texts": (
        "own.csv",
        table(Komentarz=SENTENCES, Ocena=DIGITS, Polubienia=DIGITS),
        "the columns of .* are Komentarz, Ocena, Polubienia - name the columns text and label",
    ),
    "numbers separated by spaces": (
        "own.csv",
        "Chins Situps\n" + " 5 162\n" * 60,
        "holds numbers - .* of measurements",
    ),
    "a column of texts": ("own.csv", table(text=TEXTS), r"has only one column \(text\) - add a column of labels"),
    "a title above the table": (
        "own.csv",
        "My survey\n\n" + lines(),
        "first row - remove lines above the column names",
    ),
    "texts by class in json": (
        "own.json",
        json.dumps({"good": TEXTS, "bad": TEXTS[:3]}),
        "is not a list of JSON objects - write one object for each sample",
    ),
    "pairs in json": ("own.json", json.dumps(ROWS), "is not a list of JSON objects - write one object for each sample"),
    "labels that are measurements": (
        "own.csv",
        table(text=TEXTS, label=[i / 7 for i in range(60)]),
        "not a class: .* measurements cannot be used as labels",
    ),
    "a pointer of git lfs": ("own.parquet", b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS"),
    "a web page": ("own.csv", "\n<!DOCTYPE html>\n<html>", "is a web page, not the file - download the file itself"),
    "a pickle": ("own.csv", b"\x80\x04\x95 and more", "is a pickle - pickles are never read"),
    "npy called npz": ("own.npz", b"\x93NUMPY and more", "is a .npy file - save images and labels in one file"),
    "zip": ("own.csv.zip", b"PK\3\4", "unpack it and give the file or folder"),
    "an image": ("own.jpg", b"x", "give a folder with the images of each class in a subfolder"),
    "cifar-10": (
        "cifar-10-python.tar.gz",
        b"x",
        "holds the data set cifar10 - use dataset=cifar10, with the folder that holds it as",
    ),
    "measurements": ("own.csv", table(a=range(60), b=range(60), species=LABELS), "holds numbers .* tables of measure"),
    "measurements without a header": (
        "own.csv",
        lines(header="", rows=[(5.1 + i % 7, 3.5, 1.4 + i, i % 3) for i in range(60)]),
        "holds numbers",
    ),
    "two labels": (
        "own.csv",
        table(text=TEXTS, emotion=LABELS, topic=["x", "y", "z"] * 20),
        "several",
    ),
    "two unknown texts": (
        "own.csv",
        table(one=TEXTS, two=TEXTS, label=LABELS),
        "the columns of .* are one, two, label",
    ),
    "half without labels": (
        "own.csv",
        table(text=TEXTS, label=[*LABELS[:30], *[""] * 30]),
        "30 of 60 rows .* no label",
    ),
    "cyrillic": ("own.csv", bytes(range(192, 255)) + b",a\n", "save it as UTF-8"),
    "excel": ("own.csv", b"PK\3\4 and more", "save it as .csv"),
    "npy": ("own.npy", b"x", "save images and labels in one file: numpy.savez"),
    "pickle": ("own.pkl", b"x", "pickles are never read"),
    "missing images": (
        "own.csv",
        table(file=[f"{i}.png" for i in range(60)], label=LABELS),
        "60 of 60 images .* do not",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_short_line(loads, tmp_path, monkeypatch, name):
    file, content, message = REFUSED[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FixInputError, match=message) as error:
        loads(file)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 250
