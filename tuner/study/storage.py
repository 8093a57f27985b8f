"""Where a study's files are: in the results folder, in another one, or also in an object store that all nodes reach.

In an object store (`storage_path=s3://bucket/prefix`) the workers keep the states of trials. The results are written to
a folder of the driver's machine and copied to the store before the study's end is recorded, so that another
machine that resumes the study can read them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from tuner.errors import FixInputError, TryAgainError
from tuner.runners.shared_folder import connect, is_address, open_folder
from tuner.spec import StudySpec
from tuner.study.paths import (
    METADATA_FILE,
    MODEL_FILE,
    STATES,
    TEST_PREDICTIONS,
    VALIDATION_PREDICTIONS,
    StudyPaths,
    below,
)

_REMEDY = (
    "see that the bucket exists and that the environment (such as AWS_ACCESS_KEY_ID) lets this machine write to it"
)


def paths_of(spec: StudySpec, results_dir: Path) -> StudyPaths:
    """The study's files on this machine, and its part of the object store if there is one."""
    assert spec.run_name is not None
    store = address_of(spec)
    elsewhere = spec.storage_path if store is None else None
    return StudyPaths((Path(elsewhere) if elsewhere else results_dir.absolute()) / spec.run_name, store)


def address_of(spec: StudySpec) -> str | None:
    """The study's part of an object store; None: all its files are in a folder."""
    if spec.storage_path is None or not is_address(spec.storage_path):
        return None
    assert spec.run_name is not None
    return below(spec.storage_path, spec.run_name)


def check_free(paths: StudyPaths) -> None:
    """Raise FixInputError if files have the name of a new study, or the object store cannot be reached."""
    if paths.folder.exists():
        raise FixInputError(f"the folder {paths.folder} already exists", remedy="choose another run_name")
    if paths.store is None:
        return
    try:
        taken = bool(_listed(paths.store))
    except OSError as error:
        raise FixInputError(f"storage_path: {paths.store} cannot be reached: {_said(error)}", remedy=_REMEDY) from None
    if taken:
        raise FixInputError(f"{paths.store} holds files already", remedy="choose another run_name")


def publish(paths: StudyPaths) -> None:
    """Copy the results to the study's object store, if it has one. Raises TryAgainError if that fails.

    The best model's metadata are in the store only while its file is: whoever reads the same metadata before and after
    the file has both of one model.
    """
    if paths.store is None:
        return
    from pyarrow.fs import LocalFileSystem, copy_files

    with _told(f"the results cannot be copied to {paths.store}"):
        system, path = connect(paths.store)
        here = LocalFileSystem()
        for part in sorted(set(paths.folder.iterdir()) - {paths.best_model}):
            system.create_dir(f"{path}/{part.name}" if part.is_dir() else path, recursive=True)
            copy_files(str(part), f"{path}/{part.name}", source_filesystem=here, destination_filesystem=system)
        if paths.metadata.is_file() and published_metadata(paths.store) != paths.metadata.read_text(encoding="utf-8"):
            there = open_folder(below(paths.store, paths.best_model.name))
            there.remove(METADATA_FILE)
            there.put(MODEL_FILE, partial(shutil.copyfile, paths.model))
            for file in (paths.best_model / name for name in (TEST_PREDICTIONS, VALIDATION_PREDICTIONS)):
                there.remove(file.name)
                if file.is_file():
                    there.put(file.name, partial(shutil.copyfile, file))
            there.put(METADATA_FILE, partial(shutil.copyfile, paths.metadata))


def fetch(paths: StudyPaths) -> None:
    """Copy published files that are newer than this machine's to it. Raises TryAgainError if that fails."""
    if paths.store is None:
        return
    with _told(f"the results cannot be read from {paths.store}"):
        paths.folder.mkdir(parents=True, exist_ok=True)
        system, path = connect(paths.store)
        for info in _listed(paths.store):
            inside = Path(info.path).relative_to(path)
            file = paths.folder / inside
            if inside.parts[0] != STATES and not (
                file.exists() and datetime.fromtimestamp(file.stat().st_mtime, UTC) >= info.mtime
            ):
                _bring(system, info.path, file)


def published_metadata(address: str) -> str | None:
    """The best model's metadata in a study's part of an object store; None: it has none."""
    system, path = connect(address)
    try:
        with system.open_input_stream(str(StudyPaths(Path(path)).metadata)) as stream:
            return str(stream.read().decode())
    except FileNotFoundError:
        return None


def fetch_winner(address: str, paths: StudyPaths) -> None:
    """Copy the best model and the figures of a study from an object store to a new folder.

    Raises OSError if they cannot be read, TryAgainError while another model replaces this one.
    """
    system, path = connect(address)
    before = published_metadata(address)
    for info in _listed(address):
        file = paths.folder / Path(info.path).relative_to(path)
        if paths.best_model in file.parents or paths.plots in file.parents:
            _bring(system, info.path, file)
    whole = paths.model.is_file() and paths.metadata.is_file()
    if not whole or not before == published_metadata(address) == paths.metadata.read_text(encoding="utf-8"):
        raise TryAgainError("another model is taking this one's place", remedy="try again")


def remove(paths: StudyPaths, part: str | None = None) -> None:
    """Remove the study's files, or those of one folder, from its object store, if it has one.

    Raises TryAgainError if that fails.
    """
    if paths.store is not None:
        address = paths.store if part is None else below(paths.store, part)
        with _told(f"{address} cannot be removed"):
            open_folder(address).clear()


def _bring(system: Any, path: str, file: Path) -> None:
    """Copy a file of another file system to this one, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.unfinished")
    with system.open_input_stream(path) as source, unfinished.open("wb") as target:
        shutil.copyfileobj(source, target)
    unfinished.replace(file)


def _listed(address: str) -> list[Any]:
    from pyarrow.fs import FileSelector

    system, path = connect(address)
    found = system.get_file_info(FileSelector(path, recursive=True, allow_not_found=True))
    return [info for info in found if info.is_file]


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TryAgainError(f"{what}: {_said(error)}", remedy=f"{_REMEDY}; then `tuner resume`") from None


def _said(error: OSError) -> str:
    return " ".join((error.strerror or str(error)).split())
