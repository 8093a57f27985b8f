"""The downloadable data sets: addresses, file names and readers.

Addresses and checksums are those of `keras.datasets`, and for GTSRB those that its archive publishes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tuner.datasets import archives
from tuner.datasets.fetch import RemoteFile, cache_folder, fetch
from tuner.datasets.npz import read_npz
from tuner.datasets.raw_samples import EncodedImages, RawSamples, read_errors
from tuner.errors import FixInputError

Reader = Callable[[Sequence[Path]], RawSamples | EncodedImages]

_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_TORONTO = "https://www.cs.toronto.edu/~kriz/"
_GTSRB = "https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/"


@dataclass(frozen=True)
class DownloadableDataset:
    """A downloadable data set."""

    kind: Literal["image", "text"]
    samples: int
    classes: int
    remote: tuple[RemoteFile, ...]
    read: Reader
    """Reads the downloaded files, given in this order."""
    local: tuple[tuple[str, ...], ...] = ()
    """Other names of the same files in data_dir; each tuple is a complete set."""
    label_names: tuple[str, ...] | None = None
    shape: tuple[int, int, int] | None = None
    """Height, width and channels of its images; None: texts, or images of several sizes."""

    @property
    def file_names(self) -> tuple[str, ...]:
        """Names of the files to put into data_dir, as published."""
        return tuple(file.url.rpartition("/")[2] for file in self.remote)


def read_downloadable(name: str, data_dir: Path | None) -> RawSamples | EncodedImages:
    """Return the samples of DOWNLOADABLE[name] from `data_dir` if it has the files, else from the cache or the network.

    Only downloads are verified by checksum; files in `data_dir` are not.
    """
    known = DOWNLOADABLE[name]
    found = None
    if data_dir is not None:
        with read_errors(data_dir, "a folder"):
            if not data_dir.is_dir():
                raise FixInputError(
                    f"data_dir {data_dir} is not a folder", remedy="correct data_dir or TUNER_DATA_DIR, or remove it"
                )
            found = _in_folder(name, known, data_dir)
    if found is None:
        remedy = f"connect to the network, or set data_dir to a folder with {' and '.join(known.file_names)}"
        found = known.read([fetch(file, remedy=remedy) for file in known.remote])
    return replace(found, label_names=known.label_names)


def place_of(name: str, data_dir: Path | None) -> Literal["data_dir", "cache"] | None:
    """Where the files of DOWNLOADABLE[name] are on this machine; None: they would be downloaded. Reads none of them."""
    known = DOWNLOADABLE[name]
    if data_dir is not None and _files_in(name, known, data_dir) is not None:
        return "data_dir"
    return "cache" if all((cache_folder() / file.name).is_file() for file in known.remote) else None


def _in_folder(name: str, known: DownloadableDataset, folder: Path) -> RawSamples | EncodedImages | None:
    paths = _files_in(name, known, folder)
    if paths is None:
        return None
    replaced = paths == [folder / f"{name}.npz"] and paths[0].name not in known.file_names
    return read_npz(paths[0]) if replaced else known.read(paths)


def _files_in(name: str, known: DownloadableDataset, folder: Path) -> list[Path] | None:
    """Its files in a folder, in the order in which they are read; None: they are not all there."""
    published = tuple(file.name for file in known.remote)
    # One .npz file can replace the files.
    for names in ((f"{name}.npz",), known.file_names, published, *known.local):
        paths = [folder / file for file in names]
        if all(path.exists() for path in paths):
            return paths
    return None


def _npz(name: str, sha256: str) -> tuple[RemoteFile, ...]:
    return (RemoteFile(f"{name}.npz", f"{_KERAS}{name}.npz", f"sha256:{sha256}"),)


def _idx(name: str, md5: str) -> RemoteFile:
    return RemoteFile(f"fashion-mnist/{name}-ubyte.gz", f"{_KERAS}{name}-ubyte.gz", f"md5:{md5}")


def _zip(name: str, md5: str) -> RemoteFile:
    return RemoteFile(f"gtsrb/{name}.zip", f"{_GTSRB}{name}.zip", f"md5:{md5}")


def _tar(digits: int, sha256: str) -> tuple[RemoteFile, ...]:
    # Keras's name for the archive; the folder has the same name without "_archive".
    inside = "cifar-10-batches-py" if digits == 10 else "cifar-100-python"
    return (RemoteFile(f"{inside}-target_archive", f"{_TORONTO}cifar-{digits}-python.tar.gz", f"sha256:{sha256}"),)


def _cifar_names(inside: str) -> tuple[tuple[str, ...], ...]:
    return ((inside,), (f"{inside}.tar.gz",), (f"{inside}-target/{inside}",))


_CIFAR100_LABELS = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish
forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle
mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine
possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale
willow_tree wolf woman worm
"""
_REUTERS_LABELS = """
cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass crude
nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi iron-steel
rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead
"""

DOWNLOADABLE: dict[str, DownloadableDataset] = {
    "mnist": DownloadableDataset(
        "image",
        70_000,
        10,
        _npz("mnist", "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"),
        lambda paths: read_npz(paths[0]),
        shape=(28, 28, 1),
    ),
    "fashion_mnist": DownloadableDataset(
        "image",
        70_000,
        10,
        (
            _idx("train-images-idx3", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
            _idx("train-labels-idx1", "25c81989df183df01b3e8a0aad5dffbe"),
            _idx("t10k-images-idx3", "bef4ecab320f06d8554ea6380940ec79"),
            _idx("t10k-labels-idx1", "bb300cfdad3c16e7a12a480ee83cd310"),
        ),
        archives.read_idx,
        label_names=(
            *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
        shape=(28, 28, 1),
    ),
    "cifar10": DownloadableDataset(
        "image",
        60_000,
        10,
        _tar(10, "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"),
        archives.read_cifar10,
        _cifar_names("cifar-10-batches-py"),
        label_names=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        shape=(32, 32, 3),
    ),
    "cifar100": DownloadableDataset(
        "image",
        60_000,
        100,
        _tar(100, "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"),
        archives.read_cifar100,
        _cifar_names("cifar-100-python"),
        label_names=tuple(_CIFAR100_LABELS.split()),
        shape=(32, 32, 3),
    ),
    "gtsrb": DownloadableDataset(
        "image",
        39_270,
        43,
        (
            _zip("GTSRB-Training_fixed", "513f3c79a4c5141765e10e952eaa2478"),
            _zip("GTSRB_Final_Test_Images", "c7e4e6327067d32654124b0fe9e82185"),
            _zip("GTSRB_Final_Test_GT", "fe31e9c9270bbcd7b84b7f21a9d9d9e5"),
        ),
        archives.read_gtsrb,
    ),
    "imdb": DownloadableDataset(
        "text",
        50_000,
        2,
        _npz("imdb", "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"),
        archives.read_pickled_npz,
        label_names=("negative", "positive"),
    ),
    "reuters": DownloadableDataset(
        "text",
        11_228,
        46,
        _npz("reuters", "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"),
        archives.read_pickled_npz,
        label_names=tuple(_REUTERS_LABELS.split()),
    ),
}
