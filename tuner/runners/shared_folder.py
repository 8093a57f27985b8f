"""A folder that all nodes of a cluster see: of a file system that they share, or of an object store.

Promises: a file is replaced as a whole, or stays as it was; what is not there is no fault; every fault is an OSError.
Files are written and read as files of this machine: in place on a shared file system, through a copy elsewhere.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

_CHUNK_BYTES = 8 * 2**20


class SharedFolder(Protocol):
    """A folder of files, without folders in it. Made when the first file is put."""

    def put(self, name: str, write: Callable[[Path], object]) -> None:
        """Replace the file by what `write` writes to the path that it is given."""

    def at_hand(self, name: str) -> AbstractContextManager[Path | None]:
        """The file on this machine, to be read within the context; None: there is none of that name."""

    def remove(self, name: str) -> None:
        """Remove the file, if there is one."""

    def clear(self) -> None:
        """Remove the folder with all its files, if there is one."""


def is_address(place: str) -> bool:
    """Whether it is the address of an object store, such as s3://bucket/prefix, and no folder."""
    return "://" in place


def open_folder(place: str | Path) -> SharedFolder:
    """The folder at a path, or at an address. Nothing is connected or made yet."""
    return BucketFolder(str(place)) if is_address(str(place)) else LocalFolder(Path(place))


class LocalFolder:
    """A folder of this machine's file system, which may be a shared one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, write: Callable[[Path], object]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / name
        unfinished = file.with_name(f"{name}.unfinished")
        try:
            write(unfinished)
            os.replace(unfinished, file)  # noqa: PTH105 - whole or not at all
        except BaseException:  # an interrupt too must leave no half of a file; it goes on
            unfinished.unlink(missing_ok=True)
            raise

    @contextmanager
    def at_hand(self, name: str) -> Iterator[Path | None]:
        file = self._folder / name
        yield file if file.is_file() else None

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def connect(address: str) -> tuple[Any, str]:
    """The pyarrow file system of an address, and the path in it. Who may enter is told by the environment.

    Raises:
        OSError: it cannot be reached, or the address cannot be read.
    """
    from pyarrow import ArrowException
    from pyarrow.fs import FileSystem  # a third of a second, which only those wait for who need it

    try:
        system, path = FileSystem.from_uri(address)
    except (ArrowException, ValueError) as error:
        raise OSError(str(error)) from error
    return system, path.rstrip("/")


class BucketFolder:
    """A folder of an object store, by whichever of pyarrow's file systems its address names."""

    def __init__(self, address: str, connected: Callable[[str], tuple[Any, str]] = connect) -> None:
        self._address, self._connected = address, connected

    @cached_property
    def _place(self) -> tuple[Any, str]:
        return self._connected(self._address)

    def put(self, name: str, write: Callable[[Path], object]) -> None:
        system, folder = self._place
        with TemporaryDirectory(prefix="tuner-") as here:
            file = Path(here) / name
            write(file)  # all of it, before the store hears of any: a store shows what was sent when it was closed
            try:
                _send(file, system, f"{folder}/{name}")
            except FileNotFoundError:  # stores of objects have no folders, other systems do
                system.create_dir(folder, recursive=True)
                _send(file, system, f"{folder}/{name}")

    @contextmanager
    def at_hand(self, name: str) -> Iterator[Path | None]:
        system, folder = self._place
        with TemporaryDirectory(prefix="tuner-") as here:
            file: Path | None = Path(here) / name
            try:
                with system.open_input_stream(f"{folder}/{name}") as source, (Path(here) / name).open("wb") as target:
                    shutil.copyfileobj(source, target, _CHUNK_BYTES)
            except FileNotFoundError:
                file = None
            yield file

    def remove(self, name: str) -> None:
        system, folder = self._place
        with suppress(FileNotFoundError):
            system.delete_file(f"{folder}/{name}")

    def clear(self) -> None:
        system, folder = self._place
        with suppress(FileNotFoundError):
            system.delete_dir(folder)


def _send(file: Path, system: Any, path: str) -> None:
    with file.open("rb") as source, system.open_output_stream(path) as target:
        shutil.copyfileobj(source, target, _CHUNK_BYTES)
