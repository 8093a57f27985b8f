"""A folder that all nodes of a cluster share: of a common file system, or of an object store.

A file is replaced as a whole and survives a power failure, or stays as it was. A file that does not exist is no error;
every error is an OSError. Callers write and read local files: in place on a file system, through a copy otherwise.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_CHUNK_BYTES = 8 * 2**20


def state_file(trial_number: int) -> str:
    """Return the name of the file with the state of a trial's training."""
    return f"trial-{trial_number:05d}.npz"


def job_file(trial_number: int) -> str:
    """Return the name of the file with the identifier of a trial's job on RunPod."""
    return f"trial-{trial_number:05d}.job"


def is_address(place: str) -> bool:
    """Return whether this is the address of an object store, such as s3://bucket/prefix, and not a path."""
    return "://" in place


def open_folder(place: str | Path) -> LocalFolder | BucketFolder:
    """Return the folder at a path or address. Nothing is connected or created yet."""
    return BucketFolder(str(place)) if is_address(str(place)) else LocalFolder(Path(place))


def sync(path: Path) -> None:
    """Write a file or folder through to the disk. Does nothing for a folder of a file system that cannot."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        if not path.is_dir():
            raise
    finally:
        os.close(descriptor)


class LocalFolder:
    """A folder of this machine's file system, which may be shared. It is created with its first file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, write: Callable[[Path], object]) -> None:
        """Replace a file by what `write` writes to the path that it receives."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / name
        unfinished = file.with_name(f"{name}.unfinished")
        try:
            write(unfinished)
            sync(unfinished)
            os.replace(unfinished, file)  # noqa: PTH105 - whole or not at all
            sync(self._folder)
        except BaseException:  # also an interrupt must leave no unfinished file
            unfinished.unlink(missing_ok=True)
            raise

    @contextmanager
    def local_file(self, name: str) -> Iterator[Path | None]:
        """Context manager with the path of the file on this machine; None if there is no such file."""
        file = self._folder / name
        yield file if file.is_file() else None

    def remove(self, name: str) -> None:
        """Remove a file, if it exists."""
        (self._folder / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove the folder with all its files, if it exists."""
        shutil.rmtree(self._folder, ignore_errors=True)


def connect(address: str) -> tuple[Any, str]:
    """Return the pyarrow file system of an address, and the path in it. Credentials come from the environment."""
    from pyarrow import ArrowException
    from pyarrow.fs import FileSystem  # takes 0.3 s to import

    try:
        system, path = FileSystem.from_uri(address)
    except (ArrowException, ValueError) as error:
        raise OSError(str(error)) from error
    return system, path.rstrip("/")


class BucketFolder:
    """The same for a folder of an object store, through the pyarrow file system that its address names."""

    def __init__(self, address: str, connect: Callable[[str], tuple[Any, str]] = connect) -> None:
        self._address, self._connect = address, connect

    @cached_property
    def _place(self) -> tuple[Any, str]:
        return self._connect(self._address)

    def put(self, name: str, write: Callable[[Path], object]) -> None:
        system, folder = self._place
        with TemporaryDirectory(prefix="tuner-") as temporary:
            file = Path(temporary) / name
            write(file)  # before the upload: a store shows as much as was sent when it was closed
            try:
                _upload(file, system, f"{folder}/{name}")
            except FileNotFoundError:  # object stores have no folders, other systems do
                system.create_dir(folder, recursive=True)
                _upload(file, system, f"{folder}/{name}")

    @contextmanager
    def local_file(self, name: str) -> Iterator[Path | None]:
        system, folder = self._place
        with TemporaryDirectory(prefix="tuner-") as temporary:
            file = Path(temporary) / name
            try:
                with system.open_input_stream(f"{folder}/{name}") as source, file.open("wb") as target:
                    shutil.copyfileobj(source, target, _CHUNK_BYTES)
            except FileNotFoundError:
                yield None
            else:
                yield file

    def remove(self, name: str) -> None:
        system, folder = self._place
        with suppress(FileNotFoundError):
            system.delete_file(f"{folder}/{name}")

    def clear(self) -> None:
        system, folder = self._place
        with suppress(FileNotFoundError):
            system.delete_dir(folder)


def _upload(file: Path, system: Any, path: str) -> None:
    with file.open("rb") as source, system.open_output_stream(path) as target:
        shutil.copyfileobj(source, target, _CHUNK_BYTES)
