"""Events of a study as a whole: its start and end, its data, its baseline, its saved model."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tuner.data_report import DataRecord
from tuner.events.base import Event, EventOfTrial, Scalar, StudyStatusName, Value


class SearchParameter(Value):
    """One parameter of a study's search space: a number between two bounds, or one of some choices."""

    key: str = Field(description="Unique in the space. Variants of one name, with other bounds, have different keys.")
    name: str = Field(description="Its name in the hyperparameters of a trial.")
    meaning: str = Field(description="Its meaning, in a few words.")
    kind: Literal["float", "int", "choice", "bool"]
    low: float | None = Field(description="Lowest value of a number, included; null: it has choices.")
    high: float | None = Field(description="Highest value of a number, included; null: it has choices.")
    log: bool = Field(description="Whether a number is searched on a logarithmic scale.")
    choices: tuple[Scalar, ...] | None = Field(description="The possible values; null: a number between two bounds.")
    when: dict[str, tuple[Scalar, ...]] = Field(
        description="Values of other parameters with which it exists, by their names; empty: it always exists."
    )


class StartUp(Value):
    """What a run did before it could ask for its first trial, in seconds."""

    imports_s: float = Field(description="From the start of its command until its packages were imported.")
    data_s: float = Field(description="Reading and preparing the data set.")
    cluster_s: float = Field(description="Starting or joining the Ray cluster.")
    checks_s: float = Field(description="All checks, and the first entries in the database.")


class StudyStatus(Event):
    """The study started or ended, or a resume of it was accepted (`created`)."""

    type: Literal["study_status"] = "study_status"
    status: StudyStatusName
    reason: str | None = None
    start_up: StartUp | None = Field(
        default=None, description="Of a run that begins; null: another status, or not recorded."
    )


class DataRead(Event):
    """The data set was read for the first time, which decides the search space."""

    type: Literal["data_read"] = "data_read"
    data: DataRecord
    space: tuple[SearchParameter, ...] | None = Field(
        default=None, description="The search space; null: not recorded by an older tuner."
    )


class Baseline(Value):
    """What a plain method reaches on the same data as the networks; the better one of two, by the objective."""

    name: str = Field(description="majority class, or a logistic regression and what it is over.")
    val_accuracy: float = Field(description="On the validation samples, in [0, 1].")
    test_accuracy: float = Field(description="On the test samples, in [0, 1]; it chose nothing.")
    majority_val_accuracy: float = Field(description="Of always answering the most frequent class, in [0, 1].")
    val_balanced_accuracy: float | None = Field(
        default=None, description="Mean recall of the classes on validation data, in [0, 1]; null: not recorded."
    )
    val_macro_f1: float | None = Field(
        default=None, description="Mean F1 score of the classes on validation data, in [0, 1]; null: not recorded."
    )
    training_samples: int = Field(description="Training samples it learned from: of large data sets a part.")
    seconds: float = Field(description="Time of fitting and testing.")

    def score(self, objective: str) -> tuple[str, float]:
        """Name and value of what it is compared by: this objective if it is a share of predictions, else accuracy."""
        value = {"val_balanced_accuracy": self.val_balanced_accuracy, "val_macro_f1": self.val_macro_f1}.get(objective)
        return ("val_accuracy", self.val_accuracy) if value is None else (objective, value)


class BaselineFitted(Event):
    """The baseline that every network is compared with is known."""

    type: Literal["baseline_fitted"] = "baseline_fitted"
    baseline: Baseline


class Refit(Value):
    """The best network's training on training and validation data together (`refit`)."""

    epochs: int = Field(description="Number of epochs: the best one of the trial.")
    samples: int = Field(description="Number of training and validation samples.")
    seconds: float = Field(description="Duration, with the wait for a free worker.")


class BestModel(EventOfTrial):
    """The best trial's model was saved, and tested for the first and only time."""

    type: Literal["best_model"] = "best_model"
    val_accuracy: float = Field(description="Validation accuracy of the trial, in [0, 1].")
    test_accuracy: float = Field(description="Test accuracy of the saved file on raw samples, in [0, 1].")
    test_loss: float = Field(description="Cross-entropy on test data, in nats.")
    folder: str = Field(description="Folder that holds model.keras and metadata.json.")
    retrained_val_accuracy: float | None = Field(
        default=None,
        description="Validation accuracy, in [0, 1], of a second training whose weights were saved, since the trial's "
        "own did not come back from the cloud; null: the weights are the trial's own.",
    )
    refit: Refit | None = Field(
        default=None, description="How the saved model was trained once more (`refit`); null: it was not."
    )
