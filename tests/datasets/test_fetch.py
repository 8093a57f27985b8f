"""Downloads, against a web server on this machine."""

import errno
import hashlib
import os
import shutil
import socket
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tuner.datasets.downloadable import DOWNLOADABLE
from tuner.datasets.fetch import RemoteFile, cache_folder, fetch
from tuner.errors import FetchDataError


@pytest.fixture
def remote(server, images) -> RemoteFile:
    """A small mnist.npz as it is published."""
    address, folder = server
    x, y = images
    np.savez(folder / "mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    digest = hashlib.sha256((folder / "mnist.npz").read_bytes()).hexdigest()
    return RemoteFile("mnist.npz", f"{address}mnist.npz", f"sha256:{digest}")


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def test_a_data_set_is_downloaded_once(loads, remote, server, cache, monkeypatch):
    monkeypatch.setitem(DOWNLOADABLE, "mnist", replace(DOWNLOADABLE["mnist"], remote=(remote,)))
    _, test = loads("mnist")
    assert len(test.y) == 60
    assert left_in(cache) == ["mnist.npz"]
    shutil.rmtree(server[1])
    loads("mnist")


def test_data_dir_comes_first_and_the_network_second(loads, remote, tmp_path, monkeypatch):
    monkeypatch.setitem(DOWNLOADABLE, "mnist", replace(DOWNLOADABLE["mnist"], remote=(remote,)))
    (tmp_path / "empty").mkdir()
    assert len(loads("mnist", data_dir=str(tmp_path / "empty"))[1].y) == 60


def test_a_file_that_keras_has_fetched_is_used(remote, server, cache):
    cache.mkdir(parents=True)
    shutil.move(server[1] / "mnist.npz", cache / "mnist.npz")
    assert fetch(remote, remedy="") == cache / "mnist.npz"


def test_a_damaged_file_in_the_cache_is_fetched_again(remote, cache):
    cache.mkdir(parents=True)
    (cache / "mnist.npz").write_bytes(b"half")
    assert fetch(remote, remedy="").stat().st_size > 1000


def test_a_file_may_lie_in_a_folder_of_the_cache(remote, cache):
    assert fetch(replace(remote, name="gtsrb/a.zip"), remedy="") == cache / "gtsrb" / "a.zip"


def test_a_wrong_checksum_leaves_nothing_behind(remote, cache):
    with pytest.raises(
        FetchDataError, match=r"checksum of mnist\.npz from http://127\.0\.0\.1.* is wrong.* - put it there"
    ):
        fetch(replace(remote, checksum="md5:" + "0" * 32), remedy="put it there")
    assert left_in(cache) == []


def test_a_wrong_checksum_leaves_the_old_file_alone(remote, cache):
    cache.mkdir(parents=True)
    (cache / "mnist.npz").write_bytes(b"mine")
    with pytest.raises(FetchDataError):
        fetch(replace(remote, checksum="md5:" + "0" * 32), remedy="")
    assert (cache / "mnist.npz").read_bytes() == b"mine"


def test_a_missing_page_says_404(remote):
    with pytest.raises(FetchDataError, match="HTTP 404"):
        fetch(replace(remote, url=remote.url + "x"), remedy="")


def test_a_connection_that_breaks_off_leaves_nothing_behind(remote, cache):
    with pytest.raises(FetchDataError, match=r"cannot download mnist\.npz"):
        fetch(replace(remote, url=remote.url + "?broken"), remedy="")
    assert left_in(cache) == []


def test_no_network_says_which_files_to_put_where(loads, cache, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
    for name, files in (
        ("cifar10", "cifar-10-python.tar.gz"),
        ("gtsrb", "GTSRB-Training_fixed.zip and GTSRB_Final_Test_Images.zip"),
    ):
        entry = DOWNLOADABLE[name]
        moved = tuple(replace(file, url=nobody + file.url.rpartition("/")[2]) for file in entry.remote)
        monkeypatch.setitem(DOWNLOADABLE, name, replace(entry, remote=moved))
        with pytest.raises(FetchDataError, match="connection refused") as error:
            loads(name)
        assert f"a folder with {files}" in error.value.remedy
        assert "data_dir" in error.value.remedy
        assert "\n" not in str(error.value)
    assert left_in(cache) in ([], ["gtsrb"])


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full: cannot write mnist.npz to"),
        (PermissionError(errno.EACCES, "Permission denied"), "no permission to write mnist.npz to"),
        (OSError(errno.EIO, "Input/output error"), "cannot write mnist.npz to .*Input/output error"),
    ],
)
def test_a_disk_that_refuses_says_so(remote, cache, monkeypatch, error, message):
    def refuse(*_args):
        raise error

    monkeypatch.setattr(shutil, "move", refuse)
    with pytest.raises(FetchDataError, match=message) as caught:
        fetch(remote, remedy="")
    assert "KERAS_HOME" in caught.value.remedy
    assert left_in(cache) == []


def test_the_cache_is_that_of_keras(monkeypatch, tmp_path):
    assert cache_folder() == tmp_path / "keras" / "datasets"
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".keras" / "datasets"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert cache_folder().parts[-2:] == (".keras", "datasets")
    assert not cache_folder().is_relative_to(tmp_path / ".keras")


def test_addresses_and_checksums_are_well_formed():
    lengths = {"sha256": 64, "md5": 32}
    for entry in DOWNLOADABLE.values():
        for file in entry.remote:
            algorithm, digest = file.checksum.split(":")
            assert len(digest) == lengths[algorithm]
            assert file.url.startswith("https://")
        assert entry.label_names is None or len(set(entry.label_names)) == entry.classes
