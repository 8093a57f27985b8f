"""Your own texts in .csv, .jsonl and .parquet files."""

import json

import pandas as pd
import pytest

from tuner.errors import FixInputError

TEXTS = [f"text number {i}" for i in range(20)]
LABELS = ["bad", "good"] * 10


def write(folder, kind, columns):
    path = folder / f"reviews.{kind}"
    frame = pd.DataFrame(columns)
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path)
    return path


@pytest.fixture(params=["csv", "jsonl", "parquet"])
def kind(request):
    return request.param


@pytest.mark.parametrize(
    "columns",
    [
        {"text": TEXTS, "label": LABELS},
        {"Label": LABELS, "id": range(20), "TEXT": TEXTS},
        {"verdict": LABELS, "review": TEXTS},
        {"review": TEXTS, "verdict": LABELS},
        {"review": LABELS, "label": LABELS} | {"review": TEXTS},
        {"anything": LABELS, "text": TEXTS},
    ],
)
def test_columns_are_found_by_name_or_by_distinct_values(loads, tmp_path, kind, columns):
    data, test = loads(write(tmp_path, kind, columns))
    assert (data.name, data.labels) == ("reviews", ("bad", "good"))
    assert all(LABELS[TEXTS.index(text)] == data.labels[y] for text, y in zip(test.x, test.y, strict=True))


def test_whole_numbers_are_labels(loads, tmp_path, kind):
    assert loads(write(tmp_path, kind, {"text": TEXTS, "label": [3, 10] * 10}))[0].labels == ("3", "10")
    assert loads(write(tmp_path, kind, {"text": TEXTS, "label": [3.0, 10.0] * 10}))[0].labels == ("3", "10")


def test_fractions_are_no_labels(loads, tmp_path, kind):
    with pytest.raises(FixInputError, match=r"at position 1 that is not a class: 0\.25"):
        loads(write(tmp_path, kind, {"text": TEXTS, "label": [1, 0.25] * 10}))


@pytest.mark.parametrize(
    ("columns", "listed"),
    [
        ({"one": TEXTS, "two": TEXTS, "text": TEXTS}, "one, two, text"),
        ({"one": LABELS, "two": LABELS}, "one, two"),
    ],
)
def test_other_columns_are_listed(loads, tmp_path, kind, columns, listed):
    with pytest.raises(
        FixInputError, match=f"the columns of .*reviews.{kind} are {listed} - name the columns text and label"
    ):
        loads(write(tmp_path, kind, columns))


def test_rows_without_a_text_or_label_are_left_out_and_many_are_an_error(loads, tmp_path, kind):
    data, test = loads(write(tmp_path, kind, {"text": [None, *TEXTS[1:]], "label": [*LABELS[:-1], None]}))
    assert len(data.train) + len(data.validation) + len(test.y) == 18
    with pytest.raises(FixInputError, match=r"10 of 20 rows of .* have no label \(column label\) - complete or remove"):
        loads(write(tmp_path, kind, {"text": TEXTS, "label": LABELS[:10] + [None] * 10}))


def test_csv_values_are_taken_as_written(loads, tmp_path):
    path = tmp_path / "own.csv"
    path.write_bytes(b"\xef\xbb\xbftext,label\n" + b'NA,nan\n"a, ""b""\n\xc3\xa4",007\n' * 10)
    data, test = loads(path, test_size=0.5)
    assert data.labels == ("007", "nan")
    assert set(test.x) == {"NA", 'a, "b"\nä'}


def test_half_a_surrogate_pair_becomes_a_question_mark(loads, tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text('{"text": "odd \\ud800 one", "label": 1}\n{"text": "x", "label": 2}\n\n' * 10)
    assert set(loads(path)[1].x) == {"odd ? one", "x"}


def test_numbers_are_texts_too_but_lists_are_not(loads, tmp_path):
    path = tmp_path / "own.jsonl"
    rows = [{"text": i, "label": i % 2} for i in range(20)]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert all(isinstance(text, str) for text in loads(path)[1].x)
    path.write_text("\n".join(map(json.dumps, [*rows, {"text": [1], "label": 1}])))
    with pytest.raises(FixInputError, match=r"the text in row 21 of .* is not a string"):
        loads(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("own.csv", b"", "is not a table in csv format"),
        ("own.csv", b"text,label\n", "has no rows"),
        (
            "own.csv",
            b"text,label\nhello, you,1\nhello, me,2\n",
            "more fields than its first row - remove lines above the column names",
        ),
        ("own.csv", b"text,label\n\xff\xfe,1\n", "is not text in UTF-8 - save it as UTF-8"),
        ("own.csv", b'text,label\n"a,1\n', "is not a table in csv format"),
        ("own.csv", b"text,label\na,b,c,d\n1,2,3,4,5,6\n", "more fields than its first row"),
        ("own.jsonl", b'{"text": "a", "label": 1}\n{"text": ', "is not a table in jsonl format: line 2: "),
        ("own.jsonl", b"[1, 2]\n", "line 1 is not a JSON object"),
        ("own.jsonl", b"", "has no rows"),
        ("own.parquet", b"PAR1 and more", r"own\.parquet"),
        ("own.parquet", b"", r"own\.parquet"),
    ],
)
def test_damaged_files_are_named_in_one_line(loads, tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FixInputError, match=message) as error:
        loads(tmp_path / name)
    assert name in str(error.value)
    assert "\n" not in str(error.value)
