"""A built network, and what it reaches."""

from __future__ import annotations

from pydantic import Field

from tuner.events.base import Value


class Layer(Value):
    """One layer of a built network."""

    layer_id: str = Field(description="Name, unique in the network.")
    layer_type: str = Field(description="Keras class name, such as Conv2D.")
    input_shape: list[int | None] = Field(description="Without the batch axis; null is any length.")
    output_shape: list[int | None] = Field(description="Without the batch axis; null is any length.")
    parameters: int = Field(description="Number of weights, trainable or not.")
    activation: str | None = None
    filters: int | None = None
    kernel_size: list[int] | None = None
    units: int | None = None


class ArchitectureLine(Value):
    """A summary of a built network. Null: it has no such part, or it is an own model."""

    type: str = Field(description="cnn, conv1d, lstm, gru, ngram or own.")
    conv_layers: int | None = None
    filters_per_layer: list[int] | None = None
    kernel_size: int | None = None
    dense_layers: int | None = None
    first_dense_nodes: int | None = None
    activation: str | None = None
    batch_normalization: bool | None = None
    use_global_pooling: bool | None = None
    lstm_units: int | None = None
    gru_units: int | None = None
    total_parameters: int = Field(description="Number of weights, trainable or not.")


class Architecture(ArchitectureLine):
    """A built network, described by its hyperparameters and, layer by layer, as Keras built it."""

    layers: list[Layer]


class Metrics(Value):
    """Loss (cross-entropy in nats) and accuracy (share of samples in [0, 1]) over one split."""

    loss: float
    accuracy: float


class Performance(Value):
    """The scores of a trial on validation data, at its best epoch."""

    total_score: float = Field(
        description="Weighted mean of accuracy and health, in [0, 1]; in mode simple the accuracy."
    )
    accuracy: float = Field(description="Share of validation samples in [0, 1].")
    loss: float = Field(description="Cross-entropy on validation data, in nats.")
