"""Folders of images and texts as people bring them: what is read, what is left out, and what stops with a remedy.

Each row is a layout: files with what they hold, and the classes by part, or the words of the error; then words of the
notes. Tables and arrays have a table of their own.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tuner.data_report import DataReport
from tuner.errors import FixInputError

RED, BLUE = (200, 30, 30), (30, 30, 200)
Files = Mapping[str, int | bytes]
"""By path: a number of images, or the content of one file."""
BOTH = ("a", "b")


def encoded(
    colour: object = RED, mode: str = "RGB", kind: str = "PNG", size: tuple[int, int] = (12, 10), **save: object
) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **save)
    return file.getvalue()


def write(root: Path, files: Files) -> None:
    random = np.random.default_rng(0)
    for name, content in files.items():
        if isinstance(content, bytes):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
            continue
        (root / name).mkdir(parents=True, exist_ok=True)
        for i in range(content):
            Image.fromarray(random.integers(0, 256, (10, 12), np.uint8)).save(root / name / f"{i}.png")


def classes(folder: str, *labels: str, count: int = 25) -> dict[str, int]:
    return {f"{folder}/{label}" if folder else label: count for label in labels}


def texts(folder: str, *labels: str, count: int = 20, suffix: str = ".txt") -> dict[str, bytes]:
    return {
        f"{folder}/{label}/{number}{suffix}": f"text {number} of {label}".encode()
        for label in labels
        for number in range(count)
    }


def read(loads, folder: Path, **fields: object) -> DataReport:
    report = loads(folder, **fields)[0].report
    assert report is not None
    return report


def counts(report: DataReport) -> dict[str, tuple[int, int, int]]:
    return {one.label: (one.train, one.validation, one.test) for one in report.classes}


SPLIT = {"a": (16, 4, 5), "b": (16, 4, 5)}
"""25 images a class, with the default shares."""
TESTED, VALIDATED = {"a": (20, 5, 5), "b": (20, 5, 5)}, {"a": (20, 4, 5), "b": (20, 4, 5)}
THREE = {"a": (25, 4, 5), "b": (25, 4, 5)}
CLASSES = classes("", *BOTH)
READ: dict[str, tuple[Files, dict[str, tuple[int, int, int]], list[str]]] = {
    "one folder per class": (CLASSES, SPLIT, []),
    "Training and Testing": (
        classes("Training", *BOTH) | classes("Testing", *BOTH, count=5),
        TESTED,
        ["Testing is the test part, Training is the training part"],
    ),
    "train, valid and test": (
        classes("train", *BOTH) | classes("valid", *BOTH, count=4) | classes("test", *BOTH, count=5),
        THREE,
        ["valid is the validation part"],
    ),
    "train and dev": (classes("train", *BOTH) | classes("dev", *BOTH, count=4), VALIDATED, ["dev is the validation"]),
    "seg_train in itself, and images to predict": (
        classes("seg_train/seg_train", *BOTH) | classes("seg_test/seg_test", *BOTH, count=5) | {"seg_pred/seg_pred": 7},
        TESTED,
        ["seg_train is the training part", "left out: 7 images in seg_pred, which have no labels"],
    ),
    "alphabet with a flat test part": (
        classes("asl_alphabet_train/asl_alphabet_train", *BOTH) | {"asl_alphabet_test/asl_alphabet_test": 2},
        SPLIT,
        ["left out: 2 images in asl_alphabet_test, which have no labels"],
    ),
    "a flat test part": (
        classes("train", *BOTH) | {"test": 3},
        SPLIT,
        ["left out: 3 images in test, which have no labels"],
    ),
    "a test part of one folder that is no class": (
        classes("train", *BOTH) | {"test/unknown": 3},
        SPLIT,
        ["left out: 3 images in test, which have no labels"],
    ),
    "an empty part": (
        classes("train", *BOTH) | {"val": 0},
        SPLIT,
        ["left out: val, which holds no images"],
    ),
    "images to predict beside classes": (
        CLASSES | {"images to predict": 5},
        SPLIT,
        ["left out: 5 images in images to predict, which have no labels"],
    ),
    "wrapped once and twice": (classes("archive/data", *BOTH), SPLIT, ["archive/data holds the images"]),
    "a wrapped split": (
        classes("brain/Training", *BOTH) | classes("brain/Testing", *BOTH, count=5),
        TESTED,
        ["brain holds the images"],
    ),
    "a folder unpacked into itself": (classes("flowers", *BOTH), SPLIT, ["flowers holds the images"]),
    "classes that sound like parts": (
        classes("", "test_tube", "trainers"),
        {"test_tube": (16, 4, 5), "trainers": (16, 4, 5)},
        [],
    ),
    "train as a vehicle": (classes("", "train", "car"), {"car": (16, 4, 5), "train": (16, 4, 5)}, []),
    "nested folders of a class": (
        {"a/deep": 12, "a/deeper": 13, "b": 25},
        SPLIT,
        ["25 images in subfolders of class a (deep, deeper) belong to that class"],
    ),
    "images beside the classes": (
        CLASSES | {"cover.png": encoded()},
        SPLIT,
        ["left out: 1 image beside the class folders (cover.png)"],
    ),
    "other files": (
        CLASSES
        | {"labels.csv": b"x", "a/notes.txt": b"x", "b/more.txt": b"x", "a/README": b"x", "annotations/1.xml": b"x"},
        SPLIT,
        ["left out: 2 files of type .txt (a/notes.txt, b/more.txt)", "1 file of type .xml", "1 file without a type"],
    ),
    "what programs leave behind": (
        CLASSES
        | {
            "__MACOSX/a/._0.png": encoded(),
            "a/._0.png": encoded(),
            "a/.ipynb_checkpoints/0-checkpoint.png": encoded(),
            "b/Thumbs.db": b"x",
            ".DS_Store": b"x",
            "b/@eaDir/0.png": encoded(),
            "b/thumbnails/0.png": encoded(),
        },
        SPLIT,
        ["left out: 7 files or folders, hidden or written by other programs"],
    ),
    "byte-identical copies": (
        {
            "a": 24,
            "b": 25,
            "a/x.png": encoded(),
            "a/x - Copy.png": encoded(),
            "a/x (1).png": encoded(),
            "a/x copy.png": encoded(),
        },
        SPLIT,
        ["left out: 3 files or folders, copies of other images"],
    ),
    "images that are only named like copies": (
        {"a": 23, "b": 25, "a/x.png": encoded(), "a/x (1).png": encoded(BLUE)},
        SPLIT,
        [],
    ),
    "masks beside images": (
        {"a": 24, "b": 25, "a/benign (1).png": encoded(), "a/benign (1)_mask.png": encoded(0, "1")},
        SPLIT,
        ["left out: 1 file or folder, masks of other images"],
    ),
    "a suffix that is wrong": ({"a": 24, "b": 25, "a/x.jpg": encoded()}, SPLIT, []),
    "no suffix, and one of another type": (
        {"a": 23, "b": 25, "a/scan": encoded(), "a/x.dat": encoded(kind="JPEG")},
        SPLIT,
        [],
    ),
    "many kinds of files": (
        {
            f"{label}/{kind}.{suffix}": encoded(kind=kind)
            for label in BOTH
            for kind, suffix in (
                ("PNG", "png"),
                ("JPEG", "JPG"),
                ("JPEG", "jfif"),
                ("GIF", "gif"),
                ("BMP", "bmp"),
                ("WEBP", "webp"),
                ("TIFF", "tif"),
                ("TIFF", "tiff"),
                ("PPM", "ppm"),
                ("AVIF", "avif"),
                ("JPEG2000", "jp2"),
                ("PNG", "x.png"),
            )
        },
        {"a": (7, 2, 3), "b": (8, 2, 2)},
        [],
    ),
    "one broken image": (
        {"a": 24, "b": 25, "a/x.png": encoded()[:40]},
        {"a": (15, 4, 5), "b": (16, 4, 5)},
        ["left out: 1 unreadable image (a/x.png: "],
    ),
    "an empty file": (
        {"a": 24, "b": 25, "a/x.png": b""},
        {"a": (15, 4, 5), "b": (16, 4, 5)},
        ["left out: 1 unreadable image (a/x.png: not an image)"],
    ),
    "a page saved as an image": (
        {"a": 24, "b": 25, "a/x.jpg": b"<html>404</html>"},
        {"a": (15, 4, 5), "b": (16, 4, 5)},
        ["1 unreadable image (a/x.jpg: not an image)"],
    ),
    "few images": (
        classes("", *BOTH, count=4),
        {"a": (2, 1, 1), "b": (2, 1, 1)},
        ["warning: 2 classes have fewer than 10 training samples"],
    ),
    "a class without test images": (
        classes("train", *BOTH) | {"test/a": 5},
        {"a": (20, 5, 5), "b": (20, 5, 0)},
        ["warning: no test sample of 1 of 2 classes: 'b'"],
    ),
    "texts with parts, as of the Large Movie Review Dataset": (
        texts("aclImdb/train", "neg", "pos", "unsup")
        | texts("aclImdb/test", "neg", "pos", count=6)
        | {"aclImdb/README": b"x", "aclImdb/train/urls_pos.txt": b"x", "aclImdb/train/labeledBow.feat": b"x"},
        {"neg": (16, 4, 6), "pos": (16, 4, 6)},
        (
            "left out: 20 texts in aclImdb/train/unsup, which have no labels",
            "left out: 1 text beside the class folders (aclImdb/train/urls_pos.txt)",
            "left out: 1 file of type .feat",
            "left out: 1 file without a type (aclImdb/README)",
            "aclImdb/test is the test part",
        ),
    ),
    "texts without a suffix, as of 20 Newsgroups": (
        texts("news", "sci.med", "sci.space", count=24, suffix="")
        | {"news/sci.med/99": "the café in the street behind ours".encode("latin-1")},
        {"sci.med": (16, 4, 5), "sci.space": (15, 4, 5)},
        ("1 text in cp1252, not UTF-8",),
    ),
    "images beside texts": (
        {"a": 25, "b": 25} | {f"a/{number}.txt": b"what it shows" for number in range(60)},
        SPLIT,
        ("left out: 60 files of type .txt",),
    ),
}

STOPS: dict[str, tuple[Files, str]] = {
    "a copy inside": (
        classes("", *BOTH) | classes("flowers", *BOTH),
        r"flowers holds folders with the names of those beside it \(a, b\) - remove it if it is a copy",
    ),
    "a copy inside a class": (
        {"a": 12, "b": 12, "c": 12, "a/b": 12, "a/c": 12},
        r"/a holds folders with the names of those beside it \(b, c\)",
    ),
    "parts beside a copy of all": (
        classes("train", *BOTH) | classes("test", *BOTH) | classes("dataset/train", *BOTH),
        r"holds parts of a split \(test, train\) beside other folders of images \(dataset\) - move",
    ),
    "parts beside classes": (
        classes("train", *BOTH) | {"a": 3},
        r"holds parts of a split \(train\) beside other folders of images \(a\)",
    ),
    "flat parts beside classes": (
        {"a": 12, "b": 12, "test": 3},
        r"folders named like parts of a split \(test\) beside folders named like classes \(a, b\) - put",
    ),
    "flat parts": ({"Training": 12, "Testing": 5}, "Testing, Training hold images but no class subfolders"),
    "parts inside classes": (
        classes("a", "train", "test") | classes("b", "train", "test"),
        r"/a is a class that holds parts of a split \(test, train\) - put the parts on top",
    ),
    "no training part": (
        classes("test", *BOTH) | classes("val", *BOTH),
        "has no training part beside test, val - name the folder of training images train",
    ),
    "all problems at once": (
        {"Cat": 5, "cat": 5, "lone": 1, "solo": 1, "none/x.heic": b"x", "b": 5},
        r"classes that differ in case only: Cat and cat; class folders without readable images: none \(1 .heic\); "
        "classes with 1 image, which need at least 2: lone, solo",
    ),
    "classes only in the test part": (
        classes("train", *BOTH) | classes("test", *BOTH, "c", "d"),
        "classes in the test part but not in the training part: c, d",
    ),
    "too many broken images": (
        {"a": 10, "b": 10} | {f"a/{i}.jpg": b"x" for i in "xyz"},
        r"has 3 unreadable images of 23 \(a/x.jpg: not an image; a/y.jpg: not an image; a/z.jpg: not an image\)",
    ),
    "a class of broken images": (
        {"a": 20, "b": 20, "c/x.jpg": b"x", "c/y.jpg": b"x"},
        r"no readable image of class c \(c/x.jpg",
    ),
    "images without folders": ({"0.png": encoded()}, "has images but no class subfolders - put the images of each"),
    "texts without folders": (
        {"0.txt": b"x", "1.txt": b"x", "labels.csv": b"x"},
        "has texts but no class subfolders - put the texts of each class into a subfolder of its name, or write the "
        "texts into a table with the columns text and label",
    ),
    "one text of a class": (
        {"pos/0.txt": b"x", "neg/0.txt": b"x", "neg/1.txt": b"x"},
        "classes with 1 text, which need at least 2: pos - add texts, or rename or remove these folders",
    ),
    "a text in no known encoding": (
        {f"{label}/{number}.txt": b"\xd0\xe5\xea\xe0" for label in "ab" for number in range(3)},
        r"a/0.txt is not text in UTF-8 - save it as UTF-8",
    ),
    "tables": (
        {"test.csv": b"x", "train.csv": b"x"},
        r"has no class subfolders with images \(2 .csv\) - put .*, or give a file such as .*/train.csv",
    ),
    "images beside their table": (
        {"images": 12, "labels.csv": b"x"},
        "has images but no class subfolders - put .*, or give a file such as .*/labels.csv|only the class .*labels.csv",
    ),
    "parts without classes beside their table": (
        {"train": 12, "test": 5, "train.csv": b"x"},
        "test, train hold images but no class subfolders - put .*, or give a file such as .*/train.csv",
    ),
    "one class": ({"a": 12}, "has images but no class subfolders|has only the class 'a'"),
}


@pytest.mark.parametrize(("files", "expected", "said"), READ.values(), ids=list(READ))
def test_a_folder_is_read(loads, tmp_path, files, expected, said):
    write(tmp_path / "set", files)
    report = read(loads, tmp_path / "set")
    lines = "\n".join(report.lines())
    assert counts(report) == expected, lines
    for words in said:
        assert words in lines
    if not said:
        unexpected = [note for note in report.notes if note.kind == "left_out"]
        assert not unexpected


@pytest.mark.parametrize(("files", "said"), STOPS.values(), ids=list(STOPS))
def test_a_folder_stops_with_the_remedy(loads, tmp_path, files, said):
    write(tmp_path / "set", files)
    with pytest.raises(FixInputError, match=said) as error:
        loads(tmp_path / "set")
    assert error.value.remedy
    assert "\n" not in str(error.value)
