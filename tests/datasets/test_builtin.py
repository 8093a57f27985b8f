"""What is there without network and without files."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tuner.datasets import builtin, catalogue
from tuner.errors import FixInputError


def test_digits(loads):
    data, test = loads("digits")
    assert (data.name, data.labels) == ("digits", tuple("0123456789"))
    assert (data.input.height, data.input.width, data.input.channels) == (8, 8, 1)
    assert len(data.train) + len(data.validation) + len(test.y) == 1797
    assert data.train.x.dtype == np.uint8
    assert data.train.x.max() == 255


def test_stdlib_docs(loads):
    data, test = loads("stdlib_docs")
    assert data.labels == builtin.PACKAGES
    every = np.concatenate([data.train.y, data.validation.y, test.y])
    assert np.bincount(every).min() >= 100
    assert len(set(test.x)) == len(test.x)
    assert data.input.max_length <= 512
    assert {"the", "a", "return"} <= set(data.input.vocabulary[:50])


def test_stdlib_docs_come_from_source_files_each_with_its_package():
    import asyncio.queues

    texts = dict(builtin.stdlib_texts())
    assert texts[ast.get_docstring(ast.parse(Path(asyncio.queues.__file__).read_text()).body[-1])] == "asyncio"
    assert list(texts.values()) == sorted(texts.values())


def test_a_python_without_sources_says_so(loads, tmp_path, monkeypatch):
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path))
    monkeypatch.setattr(builtin, "stdlib_texts", builtin.stdlib_texts.__wrapped__)
    with pytest.raises(FixInputError, match="no source files"):
        loads("stdlib_docs")
    assert [info.samples for info in catalogue() if info.name == "stdlib_docs"] == [0]


def test_the_same_spec_gives_the_same_data(loads):
    first, first_test = loads("digits", seed=3, sample_percentage=0.5)
    second, second_test = loads("digits", seed=3, sample_percentage=0.5)
    assert first.fingerprint == second.fingerprint
    assert np.array_equal(first.train.x, second.train.x)
    assert np.array_equal(first_test.y, second_test.y)


@pytest.mark.parametrize(
    "change", [{"seed": 4}, {"sample_percentage": 0.4}, {"validation_split": 0.3}, {"test_size": 0.3}]
)
def test_any_change_of_the_split_changes_the_fingerprint(loads, change):
    assert loads("digits")[0].fingerprint != loads("digits", **change)[0].fingerprint


def test_the_catalogue_is_complete_and_true(loads):
    infos = {info.name: info for info in catalogue()}
    assert set(infos) == {
        *("digits", "stdlib_docs"),
        *("mnist", "fashion_mnist", "cifar10", "cifar100", "gtsrb", "imdb", "reuters"),
    }
    for name in ("digits", "stdlib_docs"):
        data, test = loads(name)
        info = infos[name]
        assert (info.kind, info.classes, info.source, info.file) == (data.input.kind, data.classes, "built in", None)
        assert info.samples == len(data.train) + len(data.validation) + len(test.y)
    assert infos["mnist"].file == "mnist.npz"
    assert infos["cifar10"].file == "cifar-10-python.tar.gz"
    assert infos["gtsrb"].source == "download from sid.erda.dk"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("minst", r"unknown data set 'minst' - did you mean 'mnist'\?"),
        ("CIFAR-10", r"did you mean 'cifar10'\?"),
        ("zzz", r"unknown data set 'zzz' - known are: cifar10, "),
        ("nowhere/here", "nowhere/here does not exist - check the path"),
        ("nowhere.csv", r"nowhere\.csv does not exist"),
    ],
)
def test_an_unknown_name_is_answered_by_the_nearest(loads, name, message):
    with pytest.raises(FixInputError, match=message):
        loads(name)


def test_a_file_of_another_kind_is_refused(loads, tmp_path):
    (tmp_path / "data.docx").write_text("hello")
    with pytest.raises(FixInputError, match=r"data\.docx is not a supported file type - use \.npz, \.csv"):
        loads(tmp_path / "data.docx")


def test_importing_the_room_imports_nothing_heavy():
    heavy = "{'tensorflow', 'keras', 'ray', 'sklearn', 'pandas', 'pyarrow', 'PIL', 'pooch', 'requests'}"
    command = f"import sys, tuner.datasets; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", command], check=True, cwd=Path(__file__).parents[2])
