"""Training images are changed at random: within the bounds that a trial names, and the same again when it goes on."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.samples import INPUTS
from tuner.data import ImageInput
from tuner.training.augmentation import DRAWS, Augmentation
from tuner.training.batches import training_batches

pytestmark = pytest.mark.tensorflow

PIXELS = ImageInput(16, 16, 1, scale=1 / 255, offset=0.0)
ON = {"augmentation": True}
MIDDLE = np.full((1, DRAWS), 0.5, np.float32)
"""Random numbers that change nothing but a flip: each change is the mean of its extremes."""


def square(left=4, top=4, side=6):
    image = np.zeros((1, 16, 16, 1), np.uint8)
    image[0, top : top + side, left : left + side] = 200
    return image


def change(images, draws=MIDDLE, **hyperparameters):
    augmentation = Augmentation.of({**ON, **hyperparameters}, PIXELS)
    return np.asarray(augmentation(images, draws))


def drawn(place, value):
    draws = MIDDLE.copy()
    draws[:, place] = value
    return draws


def centre(image):
    rows, columns = np.nonzero(image[0, ..., 0] > 100)
    return rows.mean(), columns.mean()


@pytest.mark.parametrize("hyperparameters", [{}, {"augmentation": False, "augment_shift": 20}])
def test_images_stay_as_they_are_unless_a_trial_asks(hyperparameters):
    assert Augmentation.of(hyperparameters, PIXELS) is None


def test_texts_are_never_changed():
    assert Augmentation.of(ON, INPUTS["strings"]) is None


def test_without_an_amount_nothing_changes():
    np.testing.assert_array_equal(change(square(), np.random.default_rng(0).random((1, DRAWS), np.float32)), square())


@pytest.mark.parametrize(("value", "moved"), [(0.0, 4), (1.0, -4), (0.5, 0)])
def test_a_shift_is_a_share_of_the_side(value, moved):
    rows, columns = centre(square())
    found = centre(change(square(), drawn(0, value), augment_shift=25))
    assert found == pytest.approx((rows, columns + moved))


def test_the_outside_repeats_the_edge():
    bright = np.full((1, 16, 16, 1), 90, np.uint8)
    np.testing.assert_allclose(change(bright, drawn(0, 1.0), augment_shift=50), 90)


def test_a_quarter_turn_goes_about_the_centre():
    image = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 1), np.uint8)
    turned = change(image, drawn(2, 1.0), augment_rotation=90)[0, ..., 0]
    expected = [np.rot90(image[0, ..., 0], times) for times in (1, -1)]
    assert min(np.abs(turned - one).max() for one in expected) < 0.5


def test_a_zoom_changes_the_size_and_not_the_place():
    larger = change(square(5, 5), drawn(3, 0.0), augment_zoom=50)
    assert (larger > 100).sum() > 2 * (square(5, 5) > 100).sum()
    assert centre(larger) == pytest.approx(centre(square(5, 5)))


@pytest.mark.parametrize(("value", "mirrored"), [(0.1, True), (0.9, False)])
def test_a_flip_mirrors_left_and_right_half_of_the_time(value, mirrored):
    image = square(1, 2)
    found = change(image, drawn(4, value), augment_flip=True)
    np.testing.assert_allclose(found, image[:, :, ::-1] if mirrored else image, atol=0.01)


def test_contrast_keeps_the_mean_and_the_range_of_pixels():
    low, high = (
        change(square(), drawn(5, 0.0), augment_contrast=50),
        change(square(), drawn(5, 1.0), augment_contrast=100),
    )
    assert low.mean() == pytest.approx(square().mean(), rel=1e-3)
    assert low.std() == pytest.approx(square().std() / 2, rel=1e-3)
    assert high.min() >= 0
    assert high.max() <= 255


def test_a_cutout_blanks_a_square_of_its_side_and_nothing_else():
    image = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 1), np.uint8)
    found = change(image, augment_cutout=50)
    blanked = np.isclose(found[0, ..., 0], image.mean(), atol=1e-3)
    assert blanked[4:12, 4:12].all(), "half of each side, about the centre"
    assert blanked.sum() == 64
    np.testing.assert_array_equal(found[0, ..., 0][~blanked], image[0, ..., 0][~blanked])


def batches(first, last):
    x = np.random.default_rng(1).integers(0, 256, (23, 16, 16, 1), np.uint8)
    augmentation = Augmentation.of({**ON, "augment_shift": 20, "augment_rotation": 20, "augment_flip": True}, PIXELS)
    return [
        np.asarray(batch) for batch, _ in training_batches(x, np.zeros(23, np.int32), 5, 7, first, last, augmentation)
    ]


def test_each_epoch_changes_images_anew_and_a_resumed_training_sees_the_same():
    whole, resumed = batches(1, 3), batches(2, 3)
    for one, again in zip(whole[5:], resumed, strict=True):
        np.testing.assert_array_equal(one, again)
    sums = [np.sort(np.concatenate(whole[start : start + 5]).sum(axis=(1, 2, 3))) for start in (0, 5)]
    assert not np.array_equal(*sums)
