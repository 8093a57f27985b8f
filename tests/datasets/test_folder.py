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


def test_sizes_become_the_median_and_at_most_128_in_the_same_proportions(loads, tmp_path):
    paint(tmp_path / "a" / "x.png", GREY, size=(10, 20))
    paint(tmp_path / "b" / "x.png", 7, size=(100, 200))
    paint(tmp_path / "b" / "y.png", 7, size=(140, 300))
    data, test = loads(tmp_path)
    assert (data.input.height, data.input.width) == (128, 64)
    assert set(np.unique(test.x)) <= {7, GREY}
    assert "changed: 15 images of 20 x 10 to 300 x 140 pixels (height x width) resized to 128 x 64 (stretch)" in (
        data.report.lines()
    )


@pytest.mark.parametrize(
    ("given", "size"), [("auto", (128, 64)), (32, (32, 32)), ("40x90", (40, 90)), ((300, 7), (300, 7))]
)
def test_a_given_size_holds(loads, tmp_path, given, size):
    for label in "ab":
        paint(tmp_path / label / "x.png", GREY, size=(100, 200))
    data, _ = loads(tmp_path, image_size=given)
    assert (data.input.height, data.input.width) == size


@pytest.mark.parametrize(
    ("fit", "row"),
    [("stretch", [200] * 4), ("crop", [200] * 4), ("pad", [0, 200, 200, 0])],
)
def test_an_image_of_other_proportions_is_stretched_cropped_or_padded(loads, tmp_path, fit, row):
    for label in "ab":
        paint(tmp_path / label / "x.png", 200, size=(20, 40))
    data, test = loads(tmp_path, image_size=4, image_fit=fit)
    assert np.abs(test.x[0, 1, :, 0].astype(int) - row).max() < 60, "the border is averaged with the image"
    assert (data.input.fit, data.input.fill) == (fit, 0)


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
    with pytest.raises(FixInputError, match=r"subfolders with images \(empty\) - put the images of each class into"):
        loads(tmp_path)


def test_loose_images(loads, tmp_path):
    paint(tmp_path / "x.png", GREY)
    with pytest.raises(FixInputError, match="has images but no class subfolders"):
        loads(tmp_path)


def test_a_class_without_images(loads, tmp_path):
    paint(tmp_path / "a" / "x.png", GREY)
    (tmp_path / "b").mkdir()
    with pytest.raises(FixInputError, match=r"class folders without readable images: b \(empty\) - add images"):
        loads(tmp_path)


@pytest.mark.parametrize("keep", [0, 20, 60])
def test_a_broken_image_is_left_out_and_named(loads, tmp_path, keep):
    paint(tmp_path / "a" / "x.png", GREY)
    paint(tmp_path / "b" / "x.png", RED, size=(40, 40))
    broken = tmp_path / "b" / "x3.png"
    broken.write_bytes(broken.read_bytes()[:keep])
    report = loads(tmp_path)[0].report
    assert report.size == 9
    (left_out,) = (note.text for note in report.notes if note.kind == "left_out")
    assert left_out.startswith("1 unreadable image (b/x3.png: ")


def test_huge_images_are_refused(loads, tmp_path, monkeypatch):
    paint(tmp_path / "a" / "x.png", GREY)
    paint(tmp_path / "b" / "x.png", GREY)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(FixInputError, match=r"has 10 unreadable images of 10 \(a/x0\.png: too large"):
        loads(tmp_path)


def test_a_forbidden_folder_says_so(loads, tmp_path, monkeypatch):
    def forbid(_self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", forbid)
    with pytest.raises(FixInputError, match=f"no permission to read {tmp_path}"):
        loads(tmp_path)


def drawings(folder: Path, ink, count=4):
    """RGBA images of a disc on a transparent background, in two sizes as two classes."""
    from PIL import ImageDraw

    for label, radius in (("large", 8), ("small", 3)):
        (folder / label).mkdir(parents=True)
        for i in range(count):
            image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
            ImageDraw.Draw(image).ellipse([10 - radius, 10 - radius, 10 + radius, 10 + radius], fill=ink)
            image.save(folder / label / f"{i}.png")


@pytest.mark.parametrize(
    ("ink", "background", "corner"),
    [((0, 0, 0, 255), "white", 255), ((255, 255, 255, 255), "black", 0), ((120, 40, 0, 255), "white", 255)],
)
def test_drawings_on_transparency_are_seen(loads, tmp_path, ink, background, corner):
    drawings(tmp_path, ink)
    data, test = loads(tmp_path)
    assert data.input.background == background
    assert set(test.x[:, 0, 0].ravel()) == {corner}
    assert f"changed: 8 images with transparency put on a {background} background" in data.report.lines()


def test_opaque_images_with_an_alpha_channel_are_as_they_are(loads, tmp_path):
    for label in "ab":
        (tmp_path / label).mkdir()
        for i in range(5):
            Image.new("RGBA", (8, 8), (200, 100, 50, 255)).save(tmp_path / label / f"{i}.png")
    data, test = loads(tmp_path)
    assert data.input.background is None
    assert test.x[0, 0, 0].tolist() == [200, 100, 50]
    assert not [note for note in data.report.notes if note.kind == "changed"]


FIRST = np.array([[0.0, 0.25], [0.5, 1.0]])


@pytest.mark.parametrize(
    ("array", "white", "suffix"),
    [
        ((FIRST * 65_535).astype(np.uint16), 65_535, "png"),
        ((FIRST * 4_095).astype(np.uint16), 4_095, "tif"),
        ((FIRST * 255).astype(np.uint16), 255, "png"),
        (FIRST.astype(np.float32), 1, "tif"),
        ((FIRST * 255).astype(np.float32), 255, "tif"),
        ((FIRST * 100_000).astype(np.int32), 100_000, "tif"),
    ],
)
def test_deep_pixels_become_eight_bits_by_their_largest_value(loads, tmp_path, array, white, suffix):
    for label in "ab":
        (tmp_path / label).mkdir()
        for i in range(4):
            Image.fromarray(array).save(tmp_path / label / f"{i}.{suffix}")
    data, test = loads(tmp_path)
    assert data.input.white == white
    assert np.abs(test.x[0, ..., 0] - FIRST * 255).max() <= 1
    assert f"8 images of more than 8 bits per pixel converted to 8 bits ({white:,} became 255)" in str(data.report)


def palette_image(index, transparent=None):
    image = Image.new("P", (6, 6), index)
    image.putpalette([10, 20, 30, 200, 100, 0])
    if transparent is not None:
        image.info["transparency"] = transparent
    return image


@pytest.mark.parametrize(
    ("image", "pixel"),
    [
        (palette_image(1), [200, 100, 0]),
        (palette_image(1, transparent=1), [255, 255, 255]),
        (palette_image(1, transparent=0), [200, 100, 0]),
        (Image.new("RGBA", (6, 6), (0, 0, 0, 51)), [204, 204, 204]),
        (Image.new("LA", (6, 6), (0, 0)), [255]),
        (Image.new("L", (6, 6), 77), [77]),
        (Image.new("1", (6, 6), 1), [255]),
        (Image.new("CMYK", (6, 6), (255, 0, 0, 0)), [0, 255, 255]),
        (Image.new("RGB", (6, 6), (1, 2, 3)), [1, 2, 3]),
    ],
)
def test_every_mode_is_read_as_it_looks(loads, tmp_path, image, pixel):
    for label in "ab":
        (tmp_path / label).mkdir()
        for i in range(4):
            options = {"transparency": image.info["transparency"]} if "transparency" in image.info else {}
            image.save(tmp_path / label / f"{i}.{'tif' if image.mode == 'CMYK' else 'png'}", **options)
    _, test = loads(tmp_path)
    assert test.x[0, 0, 0].tolist() == pixel


def test_of_an_animation_the_first_frame_is_used(loads, tmp_path):
    for label in "ab":
        (tmp_path / label).mkdir()
        for i in range(4):
            frames = [Image.new("L", (6, 6), shade) for shade in (50, 90)]
            frames[0].save(tmp_path / label / f"{i}.gif", save_all=True, append_images=frames[1:])
    data, test = loads(tmp_path)
    assert set(np.unique(test.x)) == {50}
    assert "changed: 8 images with several frames or pages: only the first one is used" in data.report.lines()


def test_greyscale_among_colour_is_said(loads, tmp_path):
    paint(tmp_path / "a" / "x.png", GREY)
    paint(tmp_path / "b" / "x.png", RED)
    assert "changed: 5 greyscale images converted to RGB like the others" in loads(tmp_path)[0].report.lines()
