"""Your own .npz file."""

import errno
import os
import pickle

import numpy as np
import pytest

from tuner.data import ImageInput, TextInput
from tuner.errors import FixInputError


def test_grey_images_get_a_channel_and_keep_their_pixels(loads, npz, images):
    x, y = images
    data, test = loads(npz(x=x, y=y))
    assert (data.name, data.labels, data.classes) == ("own", ("0", "1", "2"), 3)
    assert data.input == ImageInput(height=7, width=5, channels=1, scale=1 / 255, offset=0)
    assert data.train.x.shape == (38, 7, 5, 1)
    assert data.train.x.dtype == data.validation.x.dtype == test.x.dtype == np.uint8
    assert (len(data.train), len(data.validation), len(test.y)) == (38, 10, 12)
    assert data.train.y.dtype == test.y.dtype == np.int32
    assert all(a.flags.c_contiguous for a in (data.train.x, data.train.y, data.validation.x, test.x, test.y))
    everything = np.concatenate([data.train.x, data.validation.x, test.x])
    assert sorted(image.tobytes() for image in everything) == sorted(image.tobytes() for image in x)


def test_an_official_test_split_stays_whole(loads, npz, images):
    x, y = images
    data, test = loads(
        npz(x_train=x, y_train=y, x_test=x[::-1], y_test=y[::-1]),
        sample_percentage=0.5,
        validation_split=0.5,
        test_size=0.99,
    )
    assert np.array_equal(test.x[..., 0], x[::-1])
    assert np.array_equal(test.y, y[::-1])
    assert len(data.train) == len(data.validation) == 15


def test_keras_keys_without_a_test_split_have_it_drawn(loads, npz, images):
    x, y = images
    _, test = loads(npz(x_train=x, y_train=y), test_size=0.5)
    assert len(test.y) == 30


def test_the_range_of_other_pixels_is_learned_from_the_training_part(loads, npz, images):
    x, y = images
    data, test = loads(npz(x=x.astype(np.float64) / 100 - 1, y=y))
    scaled = data.train.x * data.input.scale + data.input.offset
    assert data.train.x.dtype == test.x.dtype == np.float32
    assert scaled.min() == pytest.approx(0, abs=1e-6)
    assert scaled.max() == pytest.approx(1)


def test_images_of_one_value_become_zero(loads, npz):
    data, _ = loads(npz(x=np.full((20, 4, 4), 7, np.int16), y=np.arange(20) % 2))
    assert data.train.x.flat[0] * data.input.scale + data.input.offset == 0


def test_black_and_white_images_become_0_and_255(loads, npz, images):
    x, y = images
    data, _ = loads(npz(x=x > 127, y=y))
    assert data.train.x.dtype == np.uint8
    assert set(np.unique(data.train.x)) == {0, 255}


@pytest.mark.parametrize(
    ("y", "labels"),
    [
        (np.arange(60) % 3 * 10 - 5, ("-5", "5", "15")),
        (np.array(["b", "a", "c"] * 20), ("a", "b", "c")),
        (np.array([b"b", b"a", b"c"] * 20), ("a", "b", "c")),
        (np.array(["10", "9", "1"] * 20), ("1", "9", "10")),
        (np.array([[2.0], [4.0], [3.0]] * 20), ("2", "3", "4")),
        (np.array([True, False, True] * 20), ("False", "True")),
        (np.arange(60, dtype=np.uint64) % 2, ("0", "1")),
    ],
)
def test_labels_of_any_kind_are_mapped_in_order(loads, npz, images, y, labels):
    data, test = loads(npz(x=images[0], y=y))
    assert data.labels == labels
    assert set(data.train.y) == set(data.validation.y) == set(range(len(labels)))
    names = [label.decode() if isinstance(label, bytes) else str(label) for label in y.reshape(-1)[:3]]
    of_first = {image.tobytes(): name.removesuffix(".0") for image, name in zip(images[0][:3], names, strict=True)}
    for part in (data.train, data.validation, test):
        for image, label in zip(part.x, part.y, strict=True):
            if image.tobytes() in of_first:
                assert labels[label] == of_first[image.tobytes()]


def test_strings_are_texts(loads, npz):
    data, test = loads(npz(x=np.array(["A cat!", "a dog", "", "the dog"] * 5), y=np.array([0, 1, 0, 1] * 5)))
    assert isinstance(data.input, TextInput)
    assert (data.input.form, data.input.max_length) == ("strings", 2)
    assert set(data.input.vocabulary) == {"a", "cat", "dog", "the"}
    assert data.train.x.dtype == np.int32
    assert test.x.dtype == object
    assert set(test.x) <= {"A cat!", "a dog", "", "the dog"}


def test_bytes_are_texts_too(loads, npz):
    _, test = loads(npz(x=np.array(["ä cat".encode(), b"a dog \xff"] * 10), y=np.array([0, 1] * 10)))
    assert set(test.x) == {"ä cat", "a dog \ufffd"}


def test_parts_of_different_numbers_meet_in_float32(loads, npz, images):
    x, y = images
    data, test = loads(npz(x_train=x, y_train=y, x_test=x.astype(float), y_test=y))
    assert data.train.x.dtype == data.validation.x.dtype == test.x.dtype == np.float32


def test_rows_of_integers_are_word_indices_and_their_zeros_padding(loads, npz):
    x = np.array([[0, 0, 7, 9], [0, 0, 9, 9], [0, 0, 0, 0], [5, 7, 9, 9]] * 5)
    data, test = loads(npz(x=x, y=np.array([0, 1] * 10)))
    assert (data.input.form, data.input.vocabulary, data.input.max_length) == ("word_indices", (9, 7, 5), 4)
    rows = {tuple(row) for row in data.train.x}
    assert rows <= {(3, 2, 0, 0), (2, 2, 0, 0), (1, 0, 0, 0), (4, 3, 2, 2)}
    assert test.x.dtype == np.int32
    assert {tuple(row[row > 0]) for row in test.x} <= {(7, 9), (9, 9), (), (5, 7, 9, 9)}


MANY = np.random.default_rng(0).integers(0, 256, (60, 14, 14), np.uint8)
COLOUR = np.repeat(np.linspace(0, 200, 60 * 9, dtype=np.uint8).reshape(60, 9, 1, 1), 9, 2) + np.array(
    [0, 20, 55], np.uint8
)
THREE = np.arange(60) % 3


@pytest.mark.parametrize(
    ("x", "shape", "note"),
    [
        (MANY.reshape(60, -1), (14, 14, 1), "196 numbers per sample as 14 x 14 pixels"),
        (MANY.reshape(60, -1) / 255, (14, 14, 1), "196 numbers per sample as 14 x 14 pixels"),
        (MANY.reshape(60, -1).astype(int) * 4, (14, 14, 1), "196 numbers per sample as 14 x 14 pixels"),
        (COLOUR.reshape(60, -1), (9, 9, 3), "243 numbers per sample as 9 x 9 pixels, RGB"),
        (
            COLOUR.transpose(0, 3, 1, 2).reshape(60, -1),
            (9, 9, 3),
            "243 numbers per sample as 9 x 9 pixels, RGB, one channel after the other",
        ),
        (COLOUR.transpose(0, 3, 1, 2), (9, 9, 3), "shape (60, 3, 9, 9) with channels first"),
        (COLOUR.transpose(1, 2, 3, 0), (9, 9, 3), "shape (9, 9, 3, 60) with the samples last"),
        (MANY.astype(np.float32) / 127.5 - 1, (14, 14, 1), "pixels are float32 from -1 to 1"),
        (MANY.astype(np.uint16) * 257, (14, 14, 1), "pixels are uint16 from 0 to 65535"),
    ],
)
def test_other_layouts_of_images_are_read_and_noted(loads, npz, x, shape, note):
    data, _ = loads(npz(x=x, y=THREE))
    assert (data.input.height, data.input.width, data.input.channels) == shape
    assert ("read", note) in [(one.kind, one.text) for one in data.report.notes]
    if x.dtype == np.uint8:
        expected = COLOUR if shape[2] == 3 else MANY[..., np.newaxis]
        assert {image.tobytes() for image in data.train.x} <= {image.tobytes() for image in expected}


@pytest.mark.parametrize(
    "x",
    [
        np.where(np.arange(100) < np.arange(1, 61)[:, None], 7, 0),
        np.where(np.arange(20) >= 20 - np.arange(60)[:, None], 999, 0),
        np.arange(60 * 100).reshape(60, 100) + 1,
    ],
)
def test_rows_padded_at_an_end_are_word_indices(loads, npz, x):
    data, _ = loads(npz(x=x, y=THREE))
    assert data.input.form == "word_indices"
    assert f"rows of up to {x.shape[1]} whole numbers as word indices" in data.report.notes[0].text


@pytest.mark.parametrize(
    ("names", "note"),
    [
        (("X", "y"), "X and y as training data"),
        (("images", "labels"), "images and labels as training data"),
        (("data", "target"), "data and target as training data"),
        (("X_train", "y_train"), "X_train and y_train as training data"),
        (("trainX", "trainY"), "trainX and trainY as training data"),
        (("arr_0", "arr_1"), "arr_0 and arr_1 as training data"),
        (("faces", "persons"), "faces and persons as training data"),
        (("x", "y"), None),
        (("x_train", "y_train"), None),
    ],
)
def test_arrays_are_found_by_usual_names(loads, npz, names, note):
    data, _ = loads(npz(**dict(zip(names, (MANY, THREE), strict=True))))
    assert [one.text for one in data.report.notes] == ([] if note is None else [note])


def test_the_names_of_medmnist_and_official_parts(loads, npz):
    parts = {"train": 30, "val": 12, "test": 18}
    arrays = {f"{part}_images": MANY[:size] for part, size in parts.items()}
    arrays |= {f"{part}_labels": THREE[:size, None] for part, size in parts.items()}
    data, test = loads(npz(**arrays, license=np.array("free")))
    assert (len(data.train), len(data.validation), len(test.y)) == (30, 12, 18)
    read, left_out = data.report.notes[:2]
    assert read.text.startswith("train_images and train_labels as training data, ")
    assert (left_out.kind, left_out.text) == ("left_out", "1 array (license)")


def test_sklearns_digits_with_their_class_names(loads, npz):
    names = np.array(["zero", "one", "two"])
    data, _ = loads(npz(data=MANY.reshape(60, -1), images=MANY, target=THREE, target_names=names))
    assert data.labels == ("zero", "one", "two")
    assert [one.text for one in data.report.notes] == ["images and target as training data", "1 array (data)"]


def test_one_hot_labels_are_classes(loads, npz):
    data, _ = loads(npz(x=MANY, y=np.eye(3)[THREE]))
    assert data.labels == ("0", "1", "2")
    assert data.report.notes[0].text == "one-hot labels of shape (60, 3) as classes 0 to 2"


ONE = np.zeros((10, 4, 4), np.uint8)
TWO = np.arange(10) % 2


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"photographs": ONE, "y": TWO, "z": TWO}, r"has no x; its keys are photographs, y, z - use keys x and y"),
        ({"x_train": ONE, "y": TWO}, "has no y_train"),
        ({"x_train": ONE, "y_train": TWO, "x_test": ONE}, "has no y_test"),
        ({"x": ONE, "y": TWO[:9]}, "has 10 samples but y has 9"),
        ({"x": ONE, "y": np.array(3)}, "has 10 samples but y has 0"),
        ({"x": np.zeros((10, 4)), "y": TWO}, "x of .* has 4 numbers per sample - .* not from tables of measurements"),
        ({"x": np.full((10, 784), 1.5) * [[-1]], "y": TWO}, r"for images store x.reshape\(-1, 28, 28\)"),
        ({"x": np.zeros(10, int), "y": TWO}, r"shape and type \(10,\) int64"),
        ({"x": np.zeros((10, 2, 2, 2, 2)), "y": TWO}, r"shape and type \(10, 2, 2, 2, 2\)"),
        ({"x": np.zeros((0, 4, 4)), "y": TWO[:0]}, "has no samples"),
        ({"x": np.zeros((10, 0, 4)), "y": TWO}, "images without pixels"),
        (
            {"x": np.where(np.arange(160) == 17, np.nan, 0).reshape(10, 4, 4), "y": TWO},
            "1 images with pixels that are not finite, first at position 1",
        ),
        ({"x": np.full((10, 4, 4), 1e300), "y": TWO}, "10 images with pixels that are not finite"),
        ({"x": np.full((10, 4), -1), "y": TWO}, "has 4 numbers per sample"),
        ({"x": np.zeros((10, 4), int), "y": TWO}, "have no words"),
        ({"x": ONE, "y": TWO * 0}, "has only the class '0' - use samples of at least 2 classes"),
        ({"x": ONE, "y": np.arange(10)}, "10 classes but only 10 training samples"),
        ({"x": ONE, "y": TWO / 2}, "at position 1 that is not a class: 0.5"),
        ({"x": ONE, "y": np.where(TWO, np.nan, 1)}, "at position 1 that is not a class: nan"),
        ({"x": ONE, "y": np.ones((10, 2))}, r"has shape \(10, 2\)"),
        ({"x": ONE, "y": TWO * 1j}, "has type complex128"),
        (
            {"x_train": ONE, "y_train": TWO, "x_test": ONE[:, :3], "y_test": TWO},
            "x_test .* differs from x_train in shape",
        ),
        ({"x_train": ONE, "y_train": TWO, "x_test": ONE, "y_test": TWO.astype(str)}, "but y_test"),
        ({"x_train": ONE, "y_train": TWO, "x_test": ONE, "y_test": TWO + 1}, "class '2' has no sample for training"),
    ],
)
def test_wrong_arrays_are_named_in_one_line(loads, npz, arrays, message):
    with pytest.raises(FixInputError, match=message) as error:
        loads(npz(**arrays))
    assert "own.npz" in str(error.value) or "class '2'" in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.remedy


@pytest.mark.parametrize("keep", [0, 10, 500, -30])
def test_a_file_cut_short_is_damaged(loads, npz, images, keep):
    path = npz(x=images[0], y=images[1])
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FixInputError, match=r"own\.npz is not an \.npz file"):
        loads(path)


def test_a_byte_gone_wrong_is_damage(loads, npz, images):
    path = npz(x=images[0], y=images[1])
    content = bytearray(path.read_bytes())
    content[1000] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(FixInputError, match=r"own\.npz"):
        loads(path)


class Exploit:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def test_pickles_are_never_read(loads, npz, tmp_path):
    path = npz(x=np.array([Exploit(tmp_path / "ran")] * 10, object), y=TWO)
    with pytest.raises(FixInputError, match=r"x in .* is pickled, and pickles are never read"):
        loads(path)
    path.write_bytes(pickle.dumps(Exploit(tmp_path / "ran")))
    with pytest.raises(FixInputError, match="is a pickle - pickles are never read"):
        loads(path)
    assert not (tmp_path / "ran").exists()


def test_keras_own_pickled_file_is_pointed_to_its_name(loads, npz, tmp_path):
    path = npz(x=np.array([[1], [2, 3]], object), y=[0, 1]).rename(tmp_path / "imdb.npz")
    with pytest.raises(FixInputError, match="dataset=imdb and data_dir=FOLDER"):
        loads(path)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), r"no permission to read .*own\.npz"),
        (OSError(errno.ENOSPC, "No space left on device"), r"the disk is full while reading .*own\.npz"),
        (OSError(errno.EIO, "Input/output error"), r"cannot read .*own\.npz as .*Input/output error"),
        (MemoryError(), r"own\.npz does not fit into memory"),
    ],
)
def test_a_file_that_the_machine_refuses_says_why(loads, npz, images, monkeypatch, error, message):
    path = npz(x=images[0], y=images[1])

    def refuse(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(np, "load", refuse)
    with pytest.raises(FixInputError, match=message):
        loads(path)


@pytest.mark.parametrize(
    ("side", "fields", "size"),
    [
        (128, {}, (128, 100)),
        (200, {}, (128, 64)),
        (28, {"image_size": 14}, (14, 14)),
        (28, {"image_size": "56x28"}, (56, 28)),
    ],
)
def test_arrays_of_images_are_resized_where_they_are_large_or_a_size_is_given(loads, npz, side, fields, size):
    x = np.full((20, side, 100, 3), 9, np.uint8)
    data, test = loads(npz(x=x, y=np.arange(20) % 2), **fields)
    assert data.train.x.shape[1:3] == test.x.shape[1:3] == size
    changed = [note.text for note in data.report.notes if note.kind == "changed"]
    assert bool(changed) == (size != (side, 100))


def test_float_arrays_keep_their_range_when_resized(loads, npz):
    x = np.random.default_rng(0).normal(size=(20, 8, 16)).astype(np.float32)
    data, test = loads(npz(x=x, y=np.arange(20) % 2), image_size=8, image_fit="pad")
    assert (test.x.dtype, data.input.fit, data.input.fill) == (np.float32, "pad", x.min())
    assert np.allclose(test.x[:, 0], x.min())
