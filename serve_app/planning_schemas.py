"""Responses about what could be searched and what it would cost: search spaces, estimates, devices, dry runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from serve_app.schemas import Response
from tuner.events import Layer, Scalar, SearchParameter
from tuner.search.options import Option, ParameterRow
from tuner.spec import StudySpec


class SearchSpace(Response):
    """The search space of a study."""

    parameters: list[SearchParameter] = Field(description="In the order in which they are suggested.")
    exact: bool = Field(
        description="Whether it is the space that the study searches. False: its data were not read yet (or by an "
        "older tuner), so bounds that depend on the data are those of usual data, and parameters of an own model are "
        "missing."
    )


class Options(Response):
    """All settings of a study, and the default search spaces."""

    fields_: list[Option] = Field(alias="fields", description="Fields of a study, group by group.")
    search_space: dict[str, list[ParameterRow]] = Field(
        description="Parameters of the default search spaces in words, for images and for texts."
    )
    parameters: dict[str, list[SearchParameter]] = Field(description="The same as values.")


class DryRun(Response):
    """What `POST /jobs` would start."""

    id: str = Field(description="Name that the study would get; without run_name, each request makes another one.")
    command: str = Field(description="The command that starts the same study on the command line.")
    spec: StudySpec


class EstimatedData(Response):
    """The data set of an estimate, as far as it is known without reading it."""

    name: str
    kind: Literal["image", "text"] | None = Field(description="Null: not known.")
    samples: int | None = Field(description="Training, validation and test samples together, all that there are.")
    classes: int | None
    input_shape: list[int] | None = Field(
        description="Height, width and channels of an image; words of the longest text. Null: known once it is read."
    )


class EstimateProblem(Response):
    """A setting that cannot work with the machines that run now, or in this search space."""

    field: str = Field(description="Name such as `spec.cpus_per_trial`.")
    message: str = Field(description="What is wrong and what is allowed.")


class Estimate(Response):
    """The expected size and cost of a study and, with hyperparameters, of one network. Null: not known.

    Seconds are calculated from the number of operations and usual rates of a CPU core or a GPU: they may be wrong by a
    factor of three. What the newest completed studies of the same data took on this cluster corrects those of a study.
    """

    dataset: EstimatedData
    networks: int = Field(description="Number of trials.")
    smallest_parameters: int | None = Field(description="Weights of the smallest network of the search space.")
    largest_parameters: int | None = Field(
        description="Weights of the largest network of the search space, at most max_parameters."
    )
    workers: int | None = Field(description="Trials that train at once.")
    seconds_per_trial: float | None = Field(
        description="Median over random networks, for the epochs that the scheduler lets a trial train on average."
    )
    total_seconds: float | None = Field(
        description="Of all trials on these workers, at most time_budget_s; and of the start and the end of the study."
    )
    problems: list[EstimateProblem] = Field(
        description="Settings that cannot work with the machines that run now, or in this search space. The study can "
        "be started all the same: machines may join."
    )
    hyperparameters: dict[str, Scalar] | None = Field(
        description="Of the one network: those of the request, and a value for each that was missing. Null: none asked."
    )
    layers: list[Layer] | None = Field(description="Its layers, in order.")
    parameters: int | None = Field(description="Its weights.")
    memory_bytes: int | None = Field(description="Memory of its training, without TensorFlow and the data set.")
    flops: int | None = Field(description="Floating-point operations of its prediction of one sample.")
    seconds_per_epoch: float | None = Field(description="Of its training and validation, after the first epoch.")


class NodeDevices(Response):
    """One machine of the Ray cluster."""

    node: str = Field(description="Host name.")
    cpus: float
    memory_bytes: int | None = Field(description="Main memory that Ray may give away; null: not known.")
    gpus: int
    gpu_names: list[str] = Field(description="Product names of its GPUs; empty: none, or not known.")


class Devices(Response):
    """The devices of the Ray cluster."""

    nodes: list[NodeDevices] = Field(description="Machines that are alive and not being drained, by host name.")
    cpus: float
    gpus: int
