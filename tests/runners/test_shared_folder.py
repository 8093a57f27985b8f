"""A folder that all nodes see keeps the same promises wherever it is: on a file system, or in an object store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem, _MockFileSystem

from tests import s3
from tuner.errors import TryAgainError
from tuner.runners.checkpoints import Checkpoints
from tuner.runners.runpod.job_files import JobFiles
from tuner.runners.shared_folder import BucketFolder, LocalFolder, open_folder
from tuner.training import TrainingState

Open = Callable[[], LocalFolder | BucketFolder]
"""Opens the same folder anew, as another process would."""
KINDS = ("path", "mock", "subtree", "s3")


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    match request.param:
        case "path":
            yield lambda: open_folder(tmp_path / "study" / "checkpoints")
        case "mock":
            system = _MockFileSystem()
            yield lambda: BucketFolder("mock://", lambda _: (system, "study/checkpoints"))
        case "subtree":
            below = SubTreeFileSystem(str(tmp_path), LocalFileSystem())
            yield lambda: BucketFolder("file://", lambda _: (below, "study/checkpoints"))
        case _:
            request.getfixturevalue("aws")
            with s3.serving() as store:
                yield lambda: open_folder(store.address("prefix/study/checkpoints"))


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment of a node tells."""
    for name, value in s3.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def content(folder: LocalFolder | BucketFolder, name: str) -> str | None:
    with folder.local_file(name) as file:
        return None if file is None else file.read_text()


def writes(text: str) -> Callable[[Path], object]:
    return lambda file: file.write_text(text)


def test_one_process_reads_what_another_one_put(opened: Open) -> None:
    opened().put("a.npz", writes("of a"))
    opened().put("b.npz", writes("of b"))
    assert [content(opened(), name) for name in ("a.npz", "b.npz")] == ["of a", "of b"]


def test_a_file_is_replaced_as_a_whole(opened: Open) -> None:
    folder = opened()
    folder.put("a.npz", writes("a long text"))
    folder.put("a.npz", writes("short"))
    assert content(folder, "a.npz") == "short"


def test_a_write_that_breaks_off_leaves_the_file_before(opened: Open) -> None:
    folder = opened()
    folder.put("a.npz", writes("before"))

    def half(file: Path) -> None:
        file.write_text("hal")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        folder.put("a.npz", half)
    assert content(folder, "a.npz") == "before"


def test_what_is_not_there_is_no_fault(opened: Open) -> None:
    folder = opened()
    assert content(folder, "a.npz") is None
    folder.remove("a.npz")
    folder.clear()


def test_a_file_is_removed_and_the_others_stay(opened: Open) -> None:
    folder = opened()
    for name in ("a.npz", "a.job"):
        folder.put(name, writes(name))
    folder.remove("a.npz")
    assert [content(folder, name) for name in ("a.npz", "a.job")] == [None, "a.job"]


def test_it_is_cleared_and_used_again(opened: Open) -> None:
    folder = opened()
    folder.put("a.npz", writes("a"))
    folder.clear()
    assert content(folder, "a.npz") is None
    folder.put("a.npz", writes("again"))
    assert content(folder, "a.npz") == "again"


def test_a_local_file_is_on_this_machine_and_its_copy_is_removed(opened: Open, tmp_path: Path) -> None:
    folder = opened()
    folder.put("a.npz", writes("a"))
    with folder.local_file("a.npz") as file:
        assert file is not None
        assert file.is_file()
    assert file.exists() == isinstance(folder, LocalFolder)


def test_a_trial_goes_on_on_another_node_from_what_an_object_store_kept(aws: None) -> None:
    with s3.serving() as store:
        address = store.address("studies/a/checkpoints")
        checkpoints = Checkpoints(address)
        assert checkpoints.load(7) is None
        checkpoints.save(7, TrainingState(1, [], [], []))
        checkpoints.save(7, TrainingState(2, [], [], []))
        checkpoints.wait()
        JobFiles(address).write(7, "job-1")

        assert sorted(store.objects) == [f"studies/a/checkpoints/trial-00007.{kind}" for kind in ("job", "npz")]
        assert JobFiles(address).read(7) == "job-1"
        with open_folder(address).local_file("trial-00007.npz") as file:
            assert file is not None
            assert TrainingState.load(file).epoch == 2


def test_an_object_store_that_refuses_is_told_by_its_own_words(aws: None) -> None:
    with s3.serving() as store:
        store.refuse_with = 403
        checkpoints = Checkpoints(store.address("studies/a"))
        checkpoints.save(1, TrainingState(1, [], [], []))
        with pytest.raises(TryAgainError, match=r"cannot be written to s3://bucket/studies/a.*Access Denied"):
            checkpoints.wait()
        with pytest.raises(TryAgainError, match=r"cannot be read from s3://bucket/studies/a"):
            checkpoints.load(1)


def test_an_address_that_nothing_knows_is_a_fault_like_any_other() -> None:
    with pytest.raises(OSError, match="nosuch"):
        open_folder("nosuch://bucket/a").remove("x")
