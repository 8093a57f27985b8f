"""Known data sets from files in data_dir, in the layouts that Keras keeps them in."""

import gzip
import io
import os
import pickle
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image

from tuner.datasets import unpickling
from tuner.errors import FixInputError

random = np.random.default_rng(0)


def ragged(*rows):
    array = np.empty(len(rows), object)
    array[:] = [list(row) for row in rows]
    return array


def python2_array(array):
    """A uint8 array as numpy of Python 2 pickled it: bytes for strings, 0 and 1 for booleans."""
    shape = b"(" + b"".join(b"I%d\n" % size for size in array.shape) + b"t"
    data = b"T" + len(array.tobytes()).to_bytes(4, "little") + array.tobytes()
    rebuild = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
    dtype = b"cnumpy\ndtype\n(S'u1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntb"
    return rebuild + b"(I1\n" + shape + dtype + b"I00\n" + data + b"tb"


def python2_batch(images, key, labels):
    listed = b"(l" + b"".join(b"I%d\na" % label for label in labels)
    return b"(dS'data'\n" + python2_array(images) + b"sS'%s'\n" % key + listed + b"s."


@pytest.fixture
def cifar10(tmp_path):
    folder = tmp_path / "data" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        images = random.integers(0, 256, (20, 3072), np.uint8)
        images[:, :1024] = 200  # the red plane comes first
        (folder / name).write_bytes(python2_batch(images, b"labels", [0, 9] * 10))
    return folder


def check_cifar10(data, test):
    assert data.labels == ("airplane", "truck")
    assert data.train.x.shape == (80, 32, 32, 3)
    assert np.all(test.x[..., 0] == 200)
    assert test.y.tolist() == [0, 1] * 10


def test_cifar10_folder_of_python_2_pickles(loads, cifar10):
    check_cifar10(*loads("cifar10", data_dir=str(cifar10.parent)))


@pytest.mark.parametrize(
    "name", ["cifar-10-python.tar.gz", "cifar-10-batches-py.tar.gz", "cifar-10-batches-py-target_archive"]
)
def test_cifar10_archive_under_each_of_its_names(loads, cifar10, name, tmp_path):
    folder = tmp_path / "archives"
    folder.mkdir()
    with tarfile.open(folder / name, "w:gz") as archive:
        archive.add(cifar10, cifar10.name)
    check_cifar10(*loads("cifar10", data_dir=str(folder)))


def test_cifar100(loads, tmp_path):
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    for name in ("train", "test"):
        images = random.integers(0, 256, (20, 3072), np.uint8)
        (folder / name).write_bytes(
            pickle.dumps({b"data": images, b"fine_labels": [5, 99] * 10, b"coarse_labels": [0] * 20}, 2)
        )
    data, _ = loads("cifar100", data_dir=str(tmp_path))
    assert data.labels == ("bed", "worm")


def test_cifar_with_a_batch_missing(loads, cifar10, tmp_path):
    (cifar10 / "data_batch_3").unlink()
    with pytest.raises(FixInputError, match=r"data_batch_3 does not exist"):
        loads("cifar10", data_dir=str(cifar10.parent))
    with tarfile.open(tmp_path / "cifar-10-python.tar.gz", "w:gz") as archive:
        archive.add(cifar10, cifar10.name)
    with pytest.raises(FixInputError, match=r"cifar-10-python\.tar\.gz is not .*: missing data_batch_3"):
        loads("cifar10", data_dir=str(tmp_path))


@pytest.mark.parametrize("inside", [".", "fashion-mnist"])
def test_fashion_mnist_in_idx_files(loads, tmp_path, inside):
    folder = tmp_path / inside
    folder.mkdir(exist_ok=True)
    images = random.integers(0, 256, (30, 28, 28), np.uint8)
    labels = np.arange(30, dtype=np.uint8) % 10
    for part in ("train", "t10k"):
        pixels = np.array([2051, 30, 28, 28], ">u4").tobytes() + images.tobytes()
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(pixels))
        classes = np.array([2049, 30], ">u4").tobytes() + labels.tobytes()
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(classes))
    data, test = loads("fashion_mnist", data_dir=str(tmp_path), validation_split=0.34)
    assert data.labels[:2] == ("T-shirt/top", "Trouser")
    assert np.array_equal(test.x[..., 0], images)
    for damage in (b"nothing", gzip.compress(b"\0\0\0\7")[:-3], gzip.compress(pixels[:-1])):
        (folder / "t10k-images-idx3-ubyte.gz").write_bytes(damage)
        with pytest.raises(FixInputError, match=r"t10k-images-idx3-ubyte\.gz"):
            loads("fashion_mnist", data_dir=str(tmp_path))


def test_gtsrb_zips(loads, tmp_path):
    def ppm(size, colour):
        file = io.BytesIO()
        Image.new("RGB", size, colour).save(file, "PPM")
        return file.getvalue()

    with zipfile.ZipFile(tmp_path / "GTSRB-Training_fixed.zip", "w") as archive:
        archive.writestr("GTSRB/Readme.txt", "")
        for label, colour in ((0, "red"), (42, "blue")):
            archive.writestr(f"GTSRB/Training/{label:05d}/GT-{label:05d}.csv", "")
            for i in range(6):
                archive.writestr(f"GTSRB/Training/{label:05d}/00000_{i:05d}.ppm", ppm((20 + i, 30), colour))
    with zipfile.ZipFile(tmp_path / "GTSRB_Final_Test_Images.zip", "w") as archive:
        archive.writestr("GTSRB/Final_Test/Images/00001.ppm", ppm((99, 99), "blue"))
        archive.writestr("GTSRB/Final_Test/Images/00000.ppm", ppm((11, 11), "red"))
    with zipfile.ZipFile(tmp_path / "GTSRB_Final_Test_GT.zip", "w") as archive:
        archive.writestr("GT-final_test.csv", "Filename;Width;ClassId\n00000.ppm;11;0\n00001.ppm;99;42\n")
    data, test = loads("gtsrb", data_dir=str(tmp_path))
    assert (data.labels, data.input.height, data.input.width) == (("0", "42"), 30, 22)
    assert test.y.tolist() == [0, 1]
    assert test.x[1, 0, 0].tolist() == [0, 0, 255]
    for name in ("GTSRB-Training_fixed.zip", "GTSRB_Final_Test_Images.zip", "GTSRB_Final_Test_GT.zip"):
        content = (tmp_path / name).read_bytes()
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("something.else", "")
        with pytest.raises(FixInputError, match=rf"{name} is not the zip of GTSRB"):
            loads("gtsrb", data_dir=str(tmp_path))
        (tmp_path / name).write_bytes(content)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10", "cifar100", "gtsrb"])
def test_name_npz_stands_in_for_every_image_set(loads, tmp_path, images, name):
    x, y = images
    np.savez(tmp_path / f"{name}.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    assert len(loads(name, data_dir=str(tmp_path))[1].y) == 60


def test_imdb_of_pickled_lists(loads, tmp_path):
    x, y = ragged(*[[1, 5, 5, i + 10] for i in range(20)]), np.arange(20) % 2
    np.savez(tmp_path / "imdb.npz", x_train=x, y_train=y, x_test=ragged([7], [5, 7, 9]), y_test=np.array([1, 0]))
    data, test = loads("imdb", data_dir=str(tmp_path))
    assert (data.labels, data.input.form) == (("negative", "positive"), "word_indices")
    assert data.input.vocabulary[:2] == (5, 1)
    assert test.x.tolist() == [[7, 0, 0], [5, 7, 9]]
    assert (test.x.dtype, test.y.tolist()) == (np.int32, [1, 0])


def test_reuters_has_no_official_test_split(loads, tmp_path):
    np.savez(tmp_path / "reuters.npz", x=ragged(*[[1, 2]] * 20), y=np.arange(20) % 2 + 3)
    data, test = loads("reuters", data_dir=str(tmp_path))
    assert data.labels == ("earn", "acq")
    assert len(test.y) == 4


def test_a_mistyped_data_dir_is_no_reason_to_download(loads, tmp_path):
    with pytest.raises(FixInputError, match=r"data_dir .*nowhere is not a folder"):
        loads("mnist", data_dir=str(tmp_path / "nowhere"))


class Exploit:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("protocol", range(6))
def test_a_malicious_pickle_is_refused_and_not_run(protocol, tmp_path):
    with pytest.raises(pickle.UnpicklingError, match="mkdir, which is not allowed"):
        unpickling.unpickle(io.BytesIO(pickle.dumps([Exploit(tmp_path / "ran")], protocol)))
    assert not (tmp_path / "ran").exists()


def test_malicious_files_under_known_names_are_refused(loads, tmp_path, cifar10):
    x = np.array([Exploit(tmp_path / "ran")] * 4, object)
    np.savez(tmp_path / "imdb.npz", x_train=x, y_train=[0, 1] * 2)
    (cifar10 / "data_batch_1").write_bytes(pickle.dumps(Exploit(tmp_path / "ran")))
    with pytest.raises(FixInputError, match=r"imdb\.npz is not .*mkdir, which is not allowed"):
        loads("imdb", data_dir=str(tmp_path))
    with pytest.raises(FixInputError, match=r"cifar-10-batches-py is not .*mkdir, which is not allowed"):
        loads("cifar10", data_dir=str(cifar10.parent))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("gadget", [eval, getattr, __import__, np.load, np.frombuffer, bytearray])
def test_no_other_name_is_admitted(gadget):
    with pytest.raises(pickle.UnpicklingError, match="not allowed"):
        unpickling.unpickle(io.BytesIO(pickle.dumps(gadget)))


@pytest.mark.parametrize("protocol", range(5))
def test_arrays_lists_and_numbers_are_read(protocol):
    value = [np.arange(6, dtype=np.int16).reshape(2, 3), ragged([1], [2, 3]), 1, 2.5, True, None]
    read = unpickling.unpickle(io.BytesIO(pickle.dumps(value, protocol)))
    assert np.array_equal(read[0], value[0])
    assert read[1].tolist() == [[1], [2, 3]]
    assert read[2:] == value[2:]


@pytest.mark.parametrize("rows", [[[1, "a"], [2]], [[1.5], [2]], [[-1], [2]], [[2**40], [2]], [None, [2]]])
def test_rows_that_are_no_word_indices_are_refused(loads, tmp_path, rows):
    x = np.empty(4, object)
    x[:] = rows * 2
    np.savez(tmp_path / "imdb.npz", x_train=x, y_train=[0, 1] * 2)
    with pytest.raises(FixInputError, match="at position 0 that is not a row of word indices"):
        loads("imdb", data_dir=str(tmp_path))


def test_real_mnist(loads, shared_data):
    data, test = loads("mnist", data_dir=str(shared_data), sample_percentage=0.01)
    assert (data.labels, data.input.height, data.input.width) == (tuple("0123456789"), 28, 28)
    assert (len(data.train), len(data.validation), len(test.y)) == (480, 120, 10_000)


def test_real_imdb(loads, shared_data):
    data, test = loads("imdb", data_dir=str(shared_data))
    assert (len(data.train), len(data.validation), len(test.y)) == (4_000, 1_000, 1_000)
    assert data.input.max_length == 512
    assert data.train.x.max() < len(data.input.vocabulary) + 2
    assert np.all(data.train.x[:, 0] > 0)
