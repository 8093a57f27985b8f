"""Prints the test scores of the best model by class."""

from __future__ import annotations

from rich.console import Console

from tuner.console.formatting import clean, score
from tuner.console.output import print_line, table
from tuner.study.class_scores import ClassScores, never_predicted_text

MOST_CLASSES = 10
"""Classes that the table shows at most: the worst ones."""


def print_class_scores(scores: ClassScores, out: Console) -> None:
    """Print the scores that count every class alike, and a table by class, the worst first if there are many."""
    if not scores.per_class:
        return
    shown = scores.worst(MOST_CLASSES)
    title = "Test scores by class"
    if len(shown) < len(scores.per_class):
        title += f": the worst {MOST_CLASSES} of {len(scores.per_class)}"
    rows = table("  class", ">precision", ">recall", ">F1", ">samples")
    for one in shown:
        numbers = [score(value) for value in (one.precision, one.recall, one.f1)]
        rows.add_row(f"  {clean(one.label)}", *numbers, f"{one.samples:,}")
    print_line(out, f"\n{title}")
    out.print(rows)
    if warning := never_predicted_text(scores):
        print_line(out, f"  {warning}", "yellow")


def class_line(scores: ClassScores) -> str | None:
    """The scores that count every class alike, in one line, with a warning; None if they are not known."""
    if scores.test_balanced_accuracy is None:
        return None
    warning = never_predicted_text(scores)
    line = f"balanced accuracy {score(scores.test_balanced_accuracy)}, macro F1 {score(scores.test_macro_f1)}"
    return line + (f"; {warning}" if warning else "")
