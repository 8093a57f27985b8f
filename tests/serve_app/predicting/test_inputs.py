"""From what a client sends to what a saved model takes."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from serve_app.predicting import inputs
from serve_app.predicting.inputs import describe, read, stack
from tuner.datasets import model_input
from tuner.errors import FixInputError

GREY: dict[str, Any] = {"input": "pixels", "shape": ["samples", 2, 3, 1], "raw_range": [0.0, 16.0]}
COLOUR: dict[str, Any] = {"input": "pixels", "shape": ["samples", 2, 3, 3], "raw_range": [-1.0, 1.0]}
TEXT: dict[str, Any] = {"input": "strings", "shape": ["samples"]}
INDICES: dict[str, Any] = {"input": "word indices, as in the data set's file", "shape": ["samples", "any"]}


def file_of(pixels: Any, kind: str = "PNG") -> str:
    """An image file in base64."""
    file = io.BytesIO()
    Image.fromarray(np.array(pixels, np.uint8)).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


class TestPixels:
    def test_are_taken_as_they_are(self) -> None:
        image = np.arange(6.0).reshape(2, 3, 1)
        samples = read(GREY, [image.tolist(), image.tolist()])
        assert (samples.shape, samples.dtype) == ((2, 2, 3, 1), np.float32)
        assert (samples[1] == image).all()

    def test_of_one_channel_may_lack_its_axis(self) -> None:
        assert read(GREY, [[[1, 2, 3], [4, 5, 6]]]).shape == (1, 2, 3, 1)

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ([[1, 2], [3, 4]], r"inputs\[1\] has the shape \(2, 2\) - give pixels of shape \(2, 3, 1\)"),
            ([[1, 2, 3], [4]], r"inputs\[1\] is not an array of numbers"),
            ("sun", r"inputs\[1\] is not valid base64"),
            (None, r"inputs\[1\] is not an array of numbers"),
            ([["1", "2", "3"], ["4", "5", "6"]], r"inputs\[1\] is not an array of numbers"),
            (7, r"inputs\[1\] has the shape \(\)"),
            ({"a": 1}, r"inputs\[1\] is not an array of numbers"),
            ([[1, 2, 3], [4, 5, float("nan")]], r"inputs\[1\] has a pixel that is not finite"),
            ([[1, 2, 3], [4, 5, 1e300]], r"inputs\[1\] has a pixel that is not finite"),
            ([[1, 2, 3], [4, 5, 10**400]], r"inputs\[1\] is not an array of numbers"),
        ],
    )
    def test_that_do_not_fit_are_named(self, value: Any, said: str) -> None:
        with pytest.raises(FixInputError, match=said):
            read(GREY, [[[1, 2, 3], [4, 5, 6]], value])


SIZED: dict[str, Any] = {
    "input": "pixels",
    "shape": ["samples", 4, 4, 3],
    "raw_range": [0.0, 255.0],
    "image_fit": "pad",
    "fill": 0.0,
    "background": "black",
    "white": None,
}
"""A model that resizes."""


class TestAnySize:
    def test_pixels_are_resized_as_in_training(self) -> None:
        samples = read(SIZED, [np.full((40, 20, 3), 200).tolist(), np.full((4, 4, 3), 7).tolist()])
        assert samples.shape == (2, 4, 4, 3)
        assert samples[0, 1, 0].max() < 60 < 140 < samples[0, 1, 1].min()
        assert (samples[1] == 7).all()

    def test_pixels_of_other_channels_are_refused(self) -> None:
        with pytest.raises(FixInputError, match=r"the shape \(9, 9, 1\) - give pixels of shape \(height, width, 3\)"):
            read(SIZED, [np.zeros((9, 9, 1)).tolist()])
        with pytest.raises(FixInputError, match=r"give pixels of shape \(height, width, 3\)"):
            read(SIZED, [[]])

    def test_the_schema_bounds_no_side(self) -> None:
        pixels, file = describe(SIZED)["anyOf"]
        assert "maxItems" not in pixels
        assert "maxItems" not in pixels["items"]
        assert pixels["items"]["items"]["maxItems"] == 3
        assert file["contentEncoding"] == "base64"

    @pytest.mark.parametrize(("background", "corner"), [("black", 0), ("white", 255), (None, 255)])
    def test_transparent_images_are_put_on_the_background_of_training(self, background: str, corner: float) -> None:
        clear = np.zeros((4, 4, 4))
        assert (read(SIZED | {"background": background}, [file_of(clear)]) == corner).all()

    def test_files_of_sixteen_bits_have_the_white_of_training(self) -> None:
        file = io.BytesIO()
        Image.fromarray(np.full((4, 4), 2_048, np.uint16)).save(file, "PNG")
        text = base64.b64encode(file.getvalue()).decode()
        assert (read(SIZED | {"white": 4_095.0}, [text]) == 128).all()
        assert (read(SIZED | {"white": 65_535.0}, [text]) == 8).all()


class TestImageFiles:
    def test_are_scaled_to_the_range_of_raw_pixels(self) -> None:
        black_to_white = [[0, 255, 51], [0, 0, 0]]
        assert read(GREY, [file_of(black_to_white)])[0, 0, :, 0].tolist() == pytest.approx([0, 16, 3.2])

    def test_are_scaled_to_the_size_of_the_model(self) -> None:
        assert read(COLOUR, [file_of(np.full((20, 30, 3), 255))]).shape == (1, 2, 3, 3)

    def test_in_colour_become_grey_where_the_model_is(self) -> None:
        assert (read(GREY, [file_of(np.full((2, 3, 3), 255))]) == 16).all()

    def test_may_come_as_a_data_address(self) -> None:
        image = file_of(np.zeros((2, 3)))
        assert (read(GREY, [f"data:image/png;base64,{image}"]) == read(GREY, [image])).all()
        broken = base64.encodebytes(base64.b64decode(image)).decode()  # in lines, as `base64 FILE` writes it
        assert (read(GREY, [broken]) == read(GREY, [image])).all()

    def test_beside_pixels(self) -> None:
        assert len(read(GREY, [file_of(np.zeros((2, 3))), [[0, 0, 0], [0, 0, 0]]])) == 2

    def test_of_other_kinds_are_refused(self) -> None:
        with pytest.raises(FixInputError, match=r"inputs\[0\] is not a readable image.*use PNG, JPEG"):
            read(GREY, [file_of(np.zeros((2, 3)), "ICO")])

    @pytest.mark.parametrize("cut", [10, 40, 60])
    def test_that_are_cut_off_are_refused(self, cut: int) -> None:
        whole = base64.b64decode(file_of(np.random.default_rng(0).integers(0, 255, (20, 30))))
        with pytest.raises(FixInputError, match=r"inputs\[0\] is not a readable image"):
            read(GREY, [base64.b64encode(whole[:cut]).decode()])

    def test_that_would_fill_the_memory_are_refused_before_they_are_unpacked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(model_input, "MAX_PIXELS", 599)
        with pytest.raises(FixInputError, match=r"inputs\[0\] has 600 pixels - use at most 599"):
            read(GREY, [file_of(np.zeros((20, 30)))])

    def test_that_are_too_large_together_are_refused_before_one_is_unpacked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(inputs, "MOST_FILE_PIXELS", 1_000)
        image = file_of(np.zeros((20, 30)))
        assert read(GREY, [image]).shape == (1, 2, 3, 1)
        with pytest.raises(FixInputError, match=r"up to inputs\[1\] have 1,200 pixels - send at most 1,000 together"):
            read(GREY, [image, image, image[:40]])

    def test_cannot_have_as_many_channels_as_some_data(self) -> None:
        with pytest.raises(FixInputError, match="the model's images have 2 channels"):
            read({**GREY, "shape": ["samples", 2, 3, 2]}, [file_of(np.zeros((2, 3)))])


class TestNumberOfInputs:
    """What one request costs is bounded by the size of the model's images and by its classes."""

    @pytest.mark.parametrize(
        ("preprocessing", "classes", "most"),
        [
            (GREY, 10, 256),
            (GREY, 1_000, 100),
            (GREY, 1_000_000, 1),
            (GREY | {"shape": ["samples", 128, 128, 3]}, 10, 256),
            (GREY | {"shape": ["samples", 1_024, 1_024, 3]}, 10, 5),
            (TEXT, 10, 256),
            (INDICES, 10, 256),
        ],
    )
    def test_is_the_largest_that_fits(self, preprocessing: dict[str, Any], classes: int, most: int) -> None:
        assert inputs.most_inputs(preprocessing, classes) == most


class TestTexts:
    def test_are_taken_as_they_are(self) -> None:
        assert read(TEXT, ["sun", ""]).tolist() == ["sun", ""]

    def test_that_no_utf8_can_hold_are_mended(self) -> None:
        assert read(TEXT, ["sun \ud800"]).tolist() == ["sun ?"]

    def test_are_strings(self) -> None:
        with pytest.raises(FixInputError, match=r"inputs\[1\] is not a text: 3"):
            read(TEXT, ["sun", 3])


class TestWordIndices:
    def test_are_padded_to_the_longest(self) -> None:
        assert read(INDICES, [[5], [7, 8, 9]]).tolist() == [[5, 0, 0], [7, 8, 9]]

    def test_lose_their_own_padding(self) -> None:
        assert read(INDICES, [[0, 0, 5, 0], [7, 8]]).tolist() == [[5, 0], [7, 8]]

    def test_are_cut_where_no_model_looks(self) -> None:
        assert read(INDICES, [[0] * 10 + [1] * 100_000]).shape == (1, 512)

    @pytest.mark.parametrize("value", [["sun"], [-1], [1.5], [True], [2**31], 3, None, "sun"])
    def test_are_whole_numbers(self, value: Any) -> None:
        with pytest.raises(FixInputError, match=r"inputs\[1\] is not a row of word indices"):
            read(INDICES, [[1], value])


class TestRequestsTogether:
    def test_are_one_after_the_other(self) -> None:
        first, second = (read(GREY, [[[n, n, n], [n, n, n]]] * n) for n in (1, 2))
        assert stack([first, second])[:, 0, 0, 0].tolist() == [1, 2, 2]

    def test_of_words_are_padded_to_the_longest_of_all(self) -> None:
        assert stack([read(INDICES, [[5]]), read(INDICES, [[7, 8]])]).tolist() == [[5, 0], [7, 8]]

    def test_of_texts(self) -> None:
        assert stack([read(TEXT, ["a"]), read(TEXT, ["b", "c"])]).tolist() == ["a", "b", "c"]


class TestDescription:
    def test_of_pixels_has_the_shape_and_the_range(self) -> None:
        arrays, flat, file = describe(GREY)["anyOf"]
        assert (arrays["minItems"], arrays["items"]["minItems"], arrays["items"]["items"]["minItems"]) == (2, 3, 1)
        assert (flat["minItems"], flat["items"]["minItems"]) == (2, 3)
        assert "0 to 16" in arrays["title"]
        assert file["contentEncoding"] == "base64"

    def test_of_texts(self) -> None:
        assert describe(TEXT)["type"] == "string"

    def test_of_word_indices(self) -> None:
        assert describe(INDICES)["items"]["type"] == "integer"
