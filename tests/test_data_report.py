"""The report on a data set, and what differs between the data of two runs of a study."""

from __future__ import annotations

from typing import Any

from tuner.data_report import ClassCount, DataRecord, DataReport, Note

CATS = ClassCount(label="cat", train=60, validation=20, test=20)
DOGS = ClassCount(label="dog", train=6, validation=2, test=2)
COWS = ClassCount(label="cow", train=1, validation=1, test=1)


def report(*classes: ClassCount, **fields: Any) -> DataReport:
    return DataReport(**{"kind": "image", "samples": "8 x 8 pixels, greyscale", "classes": classes, **fields})


def test_its_lines_tell_sizes_parts_and_each_note():
    notes = (Note(kind="left_out", text="2 files of type .txt"), Note(kind="warning", text="all is black"))
    shown = report(CATS, DOGS, notes=notes)
    assert shown.lines() == [
        "110 images of 2 classes, 8 x 8 pixels, greyscale",
        "66 training, 22 validation, 22 test",
        "left out: 2 files of type .txt",
        "warning: all is black",
    ]
    assert shown.warnings == ("all is black",)
    assert shown.most_frequent == ("cat", 20 / 22)


def test_equal_fingerprints_are_equal_data():
    began = DataRecord(fingerprint="a", report=report(CATS))
    assert began.changes(DataRecord(fingerprint="a", report=report(CATS))) == []


def test_changes_name_classes_counts_and_shapes():
    began = DataRecord(fingerprint="a", report=report(CATS, DOGS))
    fewer = CATS.model_copy(update={"train": 50})
    now = DataRecord(fingerprint="b", report=report(fewer, COWS, samples="9 x 9"))
    assert began.changes(now) == [
        "class 'dog' is gone",
        "class 'cow' is new",
        "class 'cat' has 90 samples instead of 100",
        "a sample is 9 x 9 instead of 8 x 8 pixels, greyscale",
    ]
    assert began.changes(DataRecord(fingerprint="b", report=report(CATS, DOGS))) == [
        "the contents of samples or their order differ"
    ]
