"""Your own folder of images by class."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tuner.errors import FixInputError

RED, BLUE, GREY = (255, 0, 0), (0, 0, 255), 128


def paint(path: Path, colour, size=(8, 6), count=5):
    """Images of one colour; size is (width, height) as Pillow has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.new("L" if isinstance(colour, int) else "RGB", size, colour).save(path.with_stem(f"{path.stem}{i}"))


def test_subfolders_are_classes(loads, tmp_path):
    for suffix in ("png", "JPG", "jpeg", "bmp", "gif", "webp"):
        paint(tmp_path / "pictures" / "red" / f"{suffix}_.{suffix}", RED)
        paint(tmp_path / "pictures" / "blue" / "deeper" / f"{suffix}_.{suffix}", BLUE)
    (tmp_path / "pictures" / "red" / "notes.txt").write_text("no image")
    (tmp_path / "pictures" / ".cache").mkdir()
    data, test = loads(tmp_path / "pictures")
    assert (data.name, data.labels) == ("pictures", ("blue", "red"))
    assert (data.input.height, data.input.width, data.input.channels, data.input.scale) == (6, 8, 3, 1 / 255)
    assert len(data.train) + len(data.validation) + len(test.y) == 60
    strongest = test.x.mean(axis=(1, 2)).argmax(axis=1)
    assert np.array_equal(strongest, np.where(test.y == 1, 0, 2))


def test_greyscale_stays_greyscale_unless_one_image_has_colour(loads, tmp_path):
    paint(tmp_path / "a" / "x.png", GREY)
    paint(tmp_path / "b" / "x.png", 7)
    data, _ = loads(tmp_path)
    assert data.input.channels == 1
    assert set(np.unique(data.train.x)) == {7, GREY}
    paint(tmp_path / "b" / "y.png", RED, count=1)
    assert loads(tmp_path)[0].input.channels == 3


def test_sixteen_bits_become_eight(loads, tmp_path):
    for name, value in (("a", 65_535), ("b", 32_768)):
        (tmp_path / name).mkdir()
        for i in range(4):
            Image.fromarray(np.full((4, 4), value, np.uint16)).save(tmp_path / name / f"{i}.png")
    assert set(np.unique(loads(tmp_path)[0].train.x)) == {128, 255}


def test_sizes_become_the_median_and_at_most_64(loads, tmp_path):
    paint(tmp_path / "a" / "x.png", GREY, size=(10, 20))
    paint(tmp_path / "b" / "x.png", 7, size=(12, 200))
    paint(tmp_path / "b" / "y.png", 7, size=(14, 300))
    data, test = loads(tmp_path)
    assert (data.input.height, data.input.width) == (64, 12)
    assert set(np.unique(test.x)) <= {7, GREY}


def test_pictures_are_turned_as_cameras_say(loads, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in "ab":
        (tmp_path / name).mkdir()
        for i in range(4):
            Image.new("L", (9, 5)).save(tmp_path / name / f"{i}.jpg", exif=exif)
    data, _ = loads(tmp_path)
    assert (data.input.height, data.input.width) == (9, 5)


def test_train_and_test_folders_are_an_official_split(loads, tmp_path):
    for part, count in (("train", 6), ("validation", 2), ("Test", 3)):
        paint(tmp_path / part / "red" / "x.png", RED, count=count)
        paint(tmp_path / part / "blue" / "x.png", BLUE, count=count)
    data, test = loads(tmp_path)
    assert data.labels == ("blue", "red")
    assert test.y.tolist() == [0] * 3 + [1] * 3
    assert len(data.train) + len(data.validation) == 16


def test_train_is_a_class_among_others(loads, tmp_path):
    for name in ("train", "car"):
        paint(tmp_path / name / "x.png", GREY)
    assert loads(tmp_path)[0].labels == ("car", "train")


def test_an_empty_folder(loads, tmp_path):
    with pytest.raises(FixInputError, match="has no class subfolders - put the images of each class into a subfolder"):
        loads(tmp_path)


def test_loose_images(loads, tmp_path):
    paint(tmp_path / "x.png", GREY)
    with pytest.raises(FixInputError, match="has images but no class subfolders"):
        loads(tmp_path)


def test_a_class_without_images(loads, tmp_path):
    paint(tmp_path / "a" / "x.png", GREY)
    (tmp_path / "b").mkdir()
    with pytest.raises(FixInputError, match=r"class folder .*b has no images"):
        loads(tmp_path)


@pytest.mark.parametrize("keep", [0, 20, 60])
def test_a_broken_image_is_named(loads, tmp_path, keep):
    paint(tmp_path / "a" / "x.png", GREY)
    paint(tmp_path / "b" / "x.png", RED, size=(40, 40))
    broken = tmp_path / "b" / "x3.png"
    broken.write_bytes(broken.read_bytes()[:keep])
    with pytest.raises(FixInputError, match=r"b/x3\.png") as error:
        loads(tmp_path)
    assert "\n" not in str(error.value)


def test_a_huge_image_is_refused(loads, tmp_path, monkeypatch):
    paint(tmp_path / "a" / "x.png", GREY)
    paint(tmp_path / "b" / "x.png", GREY)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(FixInputError, match=r"a/x0\.png is not an image: too large"):
        loads(tmp_path)


def test_a_forbidden_folder_says_so(loads, tmp_path, monkeypatch):
    def forbid(_self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", forbid)
    with pytest.raises(FixInputError, match=f"no permission to read {tmp_path}"):
        loads(tmp_path)
