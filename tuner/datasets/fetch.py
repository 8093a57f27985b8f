"""Downloads files of data sets into the cache folder that Keras also uses.

A file appears in the cache complete and with the right checksum, or not at all. Cached files are not downloaded again,
and nothing is written outside the cache.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tuner.errors import FetchDataError

RETRIES = 1
"""Attempts after a failed download, one second apart."""
_CHUNK_BYTES = 1 << 20
_TIMEOUT_S = 30


@dataclass(frozen=True)
class RemoteFile:
    """One file to download."""

    name: str
    """Path below the cache folder; the same as Keras's if Keras has the file."""
    url: str
    checksum: str
    """Algorithm and hexadecimal digest, as in "sha256:12ab..."."""


def cache_folder() -> Path:
    """Return Keras's data set cache: below $KERAS_HOME, else ~/.keras, else .keras in the temporary folder."""
    if os.environ.get("KERAS_HOME"):
        return Path(os.environ["KERAS_HOME"]).expanduser() / "datasets"
    home = Path.home()
    return (home if os.access(home, os.W_OK) else Path(tempfile.gettempdir())) / ".keras" / "datasets"


def fetch(file: RemoteFile, *, remedy: str) -> Path:
    """Return the path of `file` in the cache, after a download if needed; show a progress bar on terminals.

    `remedy` is the remedy of the FetchDataError for a failed download or a wrong checksum.
    """
    import pooch
    from requests.exceptions import RequestException

    pooch.get_logger().setLevel("ERROR")  # errors are reported once, below
    folder = cache_folder()
    downloads = pooch.create(folder, base_url="", registry={file.name: file.checksum}, urls={file.name: file.url})
    downloads.retry_if_failed = RETRIES
    stream = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=_CHUNK_BYTES, timeout=_TIMEOUT_S)
    try:
        return Path(downloads.fetch(file.name, downloader=stream))
    except RequestException as error:
        reason = _reason(error)
        raise FetchDataError(f"cannot download {file.name} from {file.url} ({reason})", remedy=remedy) from error
    except ValueError as error:  # with a well-formed address, pooch raises it only for a wrong checksum
        raise FetchDataError(
            f"the checksum of {file.name} from {file.url} is wrong; the file was discarded", remedy=remedy
        ) from error
    except PermissionError as error:
        raise FetchDataError(
            f"no permission to write {file.name} to {folder}",
            remedy="change its access rights or set KERAS_HOME to another folder",
        ) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        message = (
            f"the disk is full: cannot write {file.name} to {folder}"
            if full
            else f"cannot write {file.name} to {folder}: {error}"
        )
        raise FetchDataError(message, remedy="free disk space or set KERAS_HOME to another folder") from error


def _reason(error: Exception) -> str:
    """Return the cause in short, without the chain of objects that requests prints."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP {response.status_code}"
    text = str(error).lower()
    if "refused" in text:
        return "connection refused"
    if "resolve" in text or "name or service" in text:
        return "no network or no such host"
    return "timed out" if "timed out" in text else type(error).__name__
