"""Random changes of training images, in the pipeline that feeds the training: no saved model contains them.

Each epoch changes each image anew. The random numbers of an epoch depend on the trial's seed and the number of the
epoch alone, so that a resumed training, and one on several devices, sees the same images.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import pi
from typing import Any, Self

from tuner.data import ImageInput, TextInput
from tuner.events import Scalar

DRAWS = 8
"""Random numbers that one change of one image takes."""


@dataclass(frozen=True)
class Augmentation:
    """How images may change; each value is drawn uniformly between its two extremes."""

    shift: float
    """Largest shift, as a share of the side."""
    rotation: float
    """Largest angle, in radians."""
    zoom: float
    """Largest change of the scale, as a share."""
    flip: bool
    """Whether half of the images are mirrored left to right."""
    contrast: float
    """Largest change of the distance to the image's mean, as a share."""
    cutout: float
    """Side of a square that is filled with the image's mean, as a share of the image's (DeVries and Taylor, Improved
    Regularization of Convolutional Neural Networks with Cutout, 2017)."""
    low: float
    high: float
    """Range of the pixels."""

    @classmethod
    def of(cls, hyperparameters: Mapping[str, Scalar], data_input: ImageInput | TextInput) -> Self | None:
        """What a trial's hyperparameters say; None: its images stay as they are, or its data are texts."""
        hp = hyperparameters
        if not isinstance(data_input, ImageInput) or not hp.get("augmentation", False):
            return None
        ends = [(end - data_input.offset) / data_input.scale for end in (0.0, 1.0)]
        amounts = {name: int(hp.get(f"augment_{name}", 0)) * unit for name, unit in UNITS.items()}
        return cls(**amounts, flip=bool(hp.get("augment_flip", False)), low=min(ends), high=max(ends))

    def __call__(self, images: Any, draws: Any) -> Any:
        """Return changed float32 images of shape (n, height, width, channels); `draws` in [0, 1) is (n, DRAWS)."""
        import tensorflow as tf

        images = tf.cast(images, tf.float32)
        signed = 2.0 * draws - 1.0
        if self.shift or self.rotation or self.zoom or self.flip:
            images = self._moved(images, draws, signed)
        mean = tf.reduce_mean(images, axis=(1, 2), keepdims=True)
        if self.contrast:
            factor = 1.0 + self.contrast * signed[:, 5, None, None, None]
            images = tf.clip_by_value(mean + factor * (images - mean), self.low, self.high)
        if self.cutout:
            images = tf.where(self._blanked(images, draws), mean, images)
        return images

    def _moved(self, images: Any, draws: Any, signed: Any) -> Any:
        """Rotate, scale, mirror about the centre and shift, in one interpolation; the outside repeats the edge."""
        import tensorflow as tf

        height, width = images.shape[1:3]
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        angle, scale = self.rotation * signed[:, 2], 1.0 + self.zoom * signed[:, 3]
        mirror = tf.where(draws[:, 4] < 0.5, -1.0, 1.0) if self.flip else 1.0
        # From places of the new image to places of the old one: (x, y) -> (a x + b y + c, d x + e y + f).
        a, b = scale * tf.cos(angle) * mirror, -scale * tf.sin(angle)
        d, e = scale * tf.sin(angle) * mirror, scale * tf.cos(angle)
        c = middle_x - a * middle_x - b * middle_y + self.shift * width * signed[:, 0]
        f = middle_y - d * middle_x - e * middle_y + self.shift * height * signed[:, 1]
        zero = tf.zeros_like(c)
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=images,
            transforms=tf.stack([a, b, c, d, e, f, zero, zero], axis=1),
            output_shape=[height, width],
            fill_value=0.0,
            interpolation="BILINEAR",
            fill_mode="NEAREST",
        )

    def _blanked(self, images: Any, draws: Any) -> Any:
        """Return which pixels lie in the square, shape (n, height, width, 1); it may reach over the edge."""
        import tensorflow as tf

        def near(side: int, centre: Any) -> Any:
            places = (tf.range(side, dtype=tf.float32) + 0.5) / side
            return tf.abs(places[None, :] - centre[:, None]) < self.cutout / 2

        height, width = images.shape[1:3]
        rows, columns = near(height, draws[:, 6]), near(width, draws[:, 7])
        return (rows[:, :, None] & columns[:, None, :])[..., None]


PERCENT, DEGREE = 0.01, pi / 180
UNITS = {"shift": PERCENT, "rotation": DEGREE, "zoom": PERCENT, "contrast": PERCENT, "cutout": PERCENT}
"""Units of the hyperparameters, which are whole numbers."""
