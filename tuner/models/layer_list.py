"""The layers of a network without TensorFlow: as `network_architecture` lists those that Keras builds, but for Keras's
own operations between them (`build` multiplies embeddings with a mask, `ngram` averages vectors), which have no
weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from tuner.data import ImageInput, TextInput
from tuner.events import Layer, Scalar
from tuner.models.estimate import (
    GATES_AND_BIASES,
    RECURRENT,
    convolutions_per_block,
    dense_sizes,
    filter_sizes,
    is_residual,
    ngram_table_size,
    pooled_blocks,
    score_count,
)
from tuner.trial_spec import SearchedArchitecture, architecture_of

KERAS_NAMES = {"swish": "silu"}
"""Names that Keras gives to activations, where they differ from ours."""


def network_layers(
    architecture: SearchedArchitecture,
    hyperparameters: Mapping[str, Scalar],
    data_input: ImageInput | TextInput,
    classes: int,
) -> list[Layer]:
    """Return the layers of a network with these hyperparameters and this input; it must not be an own one."""
    return list(_Layers(architecture_of(architecture, hyperparameters), hyperparameters).of(data_input, classes))


class _Layers:
    """Yields layers one after the other; `_shape` is the output shape of the last one, without the batch axis."""

    def __init__(self, kind: str, hyperparameters: Mapping[str, Scalar]) -> None:
        self._kind, self._hp = kind, hyperparameters
        self._activation = KERAS_NAMES.get(str(hyperparameters["activation"]), str(hyperparameters["activation"]))
        self._shape: tuple[int, ...] = ()

    def of(self, data_input: ImageInput | TextInput, classes: int) -> Iterator[Layer]:
        yield from self._image(data_input) if isinstance(data_input, ImageInput) else self._text(classes)
        if self._kind in RECURRENT:
            yield from self._recurrent()
        elif self._kind != "ngram":
            yield from self._convolutions()
        yield from self._dense(classes)

    def _layer(self, name: str, kind: str, output: Sequence[int], parameters: int = 0, **fields: object) -> Layer:
        before, self._shape = self._shape, tuple(output)
        values = {"layer_id": name, "layer_type": kind, "parameters": parameters, **fields}
        return Layer(input_shape=list(before or output), output_shape=list(output), **values)

    def _image(self, data_input: ImageInput) -> Iterator[Layer]:
        height, width, channels = data_input.height, data_input.width, data_input.channels
        yield self._layer("pixels", "InputLayer", (height, width, channels))
        yield self._layer("scaling", "Rescaling", self._shape)
        if self._kind in RECURRENT:
            yield self._layer("rows", "Reshape", (height, width * channels))

    def _text(self, classes: int) -> Iterator[Layer]:
        length, size = int(self._hp["sequence_length"]), int(self._hp["embedding_size"])
        yield self._layer("tokens", "InputLayer", (length,))
        if self._kind != "ngram":
            words = int(self._hp["vocabulary_size"])
            yield self._layer("embedding", "Embedding", (length, size), words * size)
            return
        table, scores = ngram_table_size(self._hp), score_count(self._hp, classes)
        count = sum(max(0, length - words) for words in range(int(self._hp["ngrams"])))
        tables = [("ngram_weights", 1), ("ngram_vectors", size + scores)]
        for name, width in reversed(tables) if scores else tables:  # Keras lists the longest way to the end first
            self._shape = (count,)
            yield self._layer(name, "Embedding", (count, width), table * width)
        self._shape = (size,)
        yield self._layer("ngram_mean", "Identity", (size,))

    def _convolved(
        self, filters: int, kernel: int, name: str, suffix: str = "", *, activate: bool = True
    ) -> Iterator[Layer]:
        *size, channels = self._shape
        normalise = bool(self._hp["batch_normalization"])
        yield self._layer(
            f"{name}{suffix}",
            f"Conv{len(size)}D",
            (*size, filters),
            kernel ** len(size) * channels * filters + (0 if normalise else filters),
            activation=self._activation if activate and not normalise else "linear",
            filters=filters,
            kernel_size=[kernel] * len(size),
        )
        if normalise:
            block = name.removesuffix("_conv")
            yield self._layer(f"{block}_norm{suffix}", "BatchNormalization", self._shape, 4 * filters)
            if activate:
                yield self._activated(f"{block}_activation{suffix}")

    def _activated(self, name: str) -> Layer:
        return self._layer(name, "Activation", self._shape, activation=self._activation)

    def _convolutions(self) -> Iterator[Layer]:
        hp, size = self._hp, self._shape[:-1]
        dimensions, count, residual = len(size), convolutions_per_block(hp, size), is_residual(hp, size)
        pooled = pooled_blocks(hp, size)
        for block, filters in enumerate(filter_sizes(hp), start=1):
            before = self._shape
            for number in range(1, count + 1):
                suffix = "" if number == 1 else str(number)
                activate = not (residual and number == count)
                yield from self._convolved(
                    filters, int(hp["kernel_size"]), f"block{block}_conv", suffix, activate=activate
                )
            if residual:
                if before[-1] != filters:
                    self._shape = before
                    yield from self._convolved(filters, 1, f"block{block}_shortcut", activate=False)
                yield self._layer(f"block{block}_add", "Add", self._shape)
                yield self._activated(f"block{block}_output")
            if block <= pooled:
                halved = [length // 2 for length in self._shape[:-1]]
                yield self._layer(f"block{block}_pool", f"MaxPooling{dimensions}D", (*halved, filters))
        if hp["use_global_pooling"]:
            kind = "GlobalAveragePooling2D" if dimensions == 2 else "GlobalMaxPooling1D"
            yield self._layer("global_pooling", kind, self._shape[-1:])
        else:
            yield self._layer("flatten", "Flatten", (prod(self._shape),))

    def _recurrent(self) -> Iterator[Layer]:
        hp, kind = self._hp, self._kind
        units, (gates, biases) = int(hp[f"{kind}_units"]), GATES_AND_BIASES[kind]
        directions = 2 if hp["bidirectional"] else 1
        for index in range(1, int(hp[f"{kind}_layers"]) + 1):
            steps, features = self._shape
            parameters = directions * gates * units * (features + units + biases)
            name = f"bidirectional{index}" if directions == 2 else f"{kind}{index}"
            yield self._layer(
                name,
                "Bidirectional" if directions == 2 else kind.upper(),
                (steps, directions * units),
                parameters,
                activation="tanh",
                units=units,
            )
        yield self._layer("average", "GlobalAveragePooling1D", self._shape[-1:])

    def _dense(self, classes: int) -> Iterator[Layer]:
        for index, units in enumerate(dense_sizes(self._hp) or [0], start=1):
            if self._hp["dropout"]:
                yield self._layer(f"dropout{index}", "Dropout", self._shape)
            if units:
                yield self._full(f"dense{index}", units, self._activation)
        if self._kind == "ngram" and (scores := score_count(self._hp, classes)):
            yield self._layer("with_naive_bayes", "Concatenate", (self._shape[-1] + scores,))
        yield self._full("classes", classes, "softmax")

    def _full(self, name: str, units: int, activation: str) -> Layer:
        parameters = (self._shape[-1] + 1) * units
        return self._layer(name, "Dense", (units,), parameters, activation=activation, units=units)
