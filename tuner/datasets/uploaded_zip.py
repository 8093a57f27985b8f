"""Unpacks an uploaded zip file of a folder of images or texts by class. The file is not trusted."""

from __future__ import annotations

import errno
import lzma
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from tuner.errors import CannotWriteError, FixInputError

MAX_FILES, MAX_LEVELS = 200_000, 20
_OF_ARCHIVE = (None, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL)
"""Errors of the archive, such as two members of one path; None: of a decompressor. All others are of this machine, such
as a full disk."""


def unpack(file: Path, folder: Path, limit_bytes: int) -> None:
    """Unpack the zip file into the new folder; links are skipped.

    Raises FixInputError if it is no zip file, or has a path outside the folder, too many files, or more than
    `limit_bytes` of content; CannotWriteError if this machine cannot store it.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir() and not _is_link(member)]
            _check(file.name, members, limit_bytes)
            for member in members:
                target = folder / member.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                # Never more than the size that was checked: the reader stops there.
                with archive.open(member) as source, target.open("xb") as copy:
                    shutil.copyfileobj(source, copy)
    # A NotImplementedError of zipfile is a compression that it does not know, a RuntimeError a password.
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError) as error:
        remedy = "zip a folder with one subfolder of images or .txt files per class, without a password"
        raise FixInputError(f"{file.name} is not a readable zip file: {str(error)[:100]}", remedy=remedy) from None
    except OSError as error:
        kind = FixInputError if error.errno in _OF_ARCHIVE else CannotWriteError
        raise kind(f"{file.name} cannot be unpacked: {error.strerror}", remedy="zip the folder again") from None


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def _check(name: str, members: list[zipfile.ZipInfo], limit_bytes: int) -> None:
    size = sum(member.file_size for member in members)
    if len(members) > MAX_FILES:
        raise FixInputError(f"{name} has {len(members):,} files", remedy=f"use at most {MAX_FILES:,}")
    if size > limit_bytes:
        raise FixInputError(
            f"{name} has {size:,} bytes when it is unpacked, more than {limit_bytes:,}",
            remedy="use fewer or smaller files, or ask the operator for a larger TUNER_UPLOAD_LIMIT",
        )
    for member in members:
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in member.filename or "\0" in member.filename:
            raise FixInputError(f"{name} has the unsafe path {member.filename!r:.80}", remedy="zip the folder again")
        if len(path.parts) > MAX_LEVELS:
            raise FixInputError(
                f"{name} has {len(path.parts)} levels of folders", remedy=f"use at most {MAX_LEVELS} for each sample"
            )
