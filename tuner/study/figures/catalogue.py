"""The names of all figures, their titles, and what each of them shows."""

from __future__ import annotations

from collections.abc import Mapping

STUDY_FIGURES: Mapping[str, str] = {
    "history": "Objective by trial",
    "curves": "Objective by epoch",
    "importance": "Importance of hyperparameters",
    "parallel": "Hyperparameters of all trials",
    "slices": "Objective by hyperparameter",
    "timeline": "Trials by worker",
    "rungs": "Rungs of the scheduler",
    "front": "Pareto front",
    "health": "Health and accuracy",
}
"""Figures of a study by name, with their titles."""

INTERACTIVE = ("history", "curves", "importance", "parallel", "slices", "timeline", "front")
"""Study figures that can be written as interactive pages."""

TRIAL_FIGURES: Mapping[str, str] = {
    "training": "Training history",
    "confusion": "Confusion matrix",
    "class_scores": "Precision, recall and F1 by class",
    "calibration": "Calibration",
    "mistakes": "Most confident mistakes",
    "activations": "Activations",
    "gradients": "Gradients by layer",
    "weights": "Weights by layer",
    "units": "Dead and saturated units",
    "animation": "The training as a film",
    "test_confusion": "Confusion matrix on test data",
    "test_class_scores": "Precision, recall and F1 by class on test data",
    "test_calibration": "Calibration on test data",
}
"""Figures of a trial by name, with their titles. Those on test data are of the best trial only."""

ANIMATION = "animation"
TEST_FIGURES = tuple(name for name in TRIAL_FIGURES if name.startswith("test_"))

SHOWS: Mapping[str, str] = {
    "history": "the score of each trial and the best so far: does the search still find better networks?",
    "curves": "the score of each trial by epoch: which trials were stopped early, and would longer training help?",
    "importance": "how much each hyperparameter influences the score: what is worth searching?",
    "parallel": "a line for each trial through its hyperparameters: which combinations are good?",
    "slices": "the score by each hyperparameter alone: which range is good?",
    "timeline": "when each trial trained: were workers idle?",
    "rungs": "the scores that the scheduler compared, and which trials it stopped",
    "front": "the trials that no other trial beats in all objectives",
    "health": "health and accuracy of all trials, and the health of the best one",
    "training": "loss, accuracy and learning rate by epoch: does the network overfit, would more epochs help?",
    "confusion": "validation samples by true and predicted class: which classes are mixed up?",
    "class_scores": "precision, recall and F1 of each class: which classes are weak?",
    "calibration": "how often the network is right when it is sure",
    "mistakes": "the wrong predictions of which the network was most sure",
    "activations": "what the first and the last layers respond to in a few samples",
    "gradients": "the size of the gradients of each layer by epoch: do they vanish or explode?",
    "weights": "the distribution of weights and biases of each layer by epoch",
    "units": "dead and saturated units of each layer by epoch",
    "animation": "curves, weights and confusion, epoch by epoch",
    "test_confusion": "test samples by true and predicted class",
    "test_class_scores": "precision, recall and F1 of each class on test data",
    "test_calibration": "how often the network is right when it is sure, on test data",
}
"""What each figure shows, in a few words."""
