"""`tuner importance`: how much each hyperparameter influenced the objective."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from tuner.console.bars import share_bar
from tuner.console.formatting import clean, counted
from tuner.console.output import print_json, print_line, table, truncated
from tuner.errors import FixInputError
from tuner.search.importance import MIN_TRIALS
from tuner.store import Store
from tuner.study.importance import Importance, study_importance

MAX_WIDTH = 100
"""Maximum number of columns; longer bars are not easier to compare."""


def print_importance(store: Store, name: str, out: Console, *, as_json: bool = False) -> None:
    """Print a bar per hyperparameter that varied, the most important first. Raises FixInputError if it is unknown."""
    found = study_importance(store, name)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    if found.importance is None:
        missing = MIN_TRIALS - found.trials_used
        ended = store.study(name).current_status != "running"
        remedy = (
            f"`tuner resume {name} trials=+{missing}` adds them"
            if ended and missing > 0
            else f"see `tuner show {name}`"
        )
        raise FixInputError(f"the importance of study {name!r} is not known: {found.reason}", remedy=remedy)
    most = max(found.importance.values())
    width = min(out.width, MAX_WIDTH)
    shown = table("parameter", ">share", "~")
    shown.columns[0].max_width = width // 2  # an own network may have long parameter names
    for parameter, share in found.importance.items():
        shown.add_row(truncated(parameter), Text(f"{share:.2f}"), share_bar(share / most))
    out.print(shown, width=width)
    objective = store.study(name).spec.objectives[0]
    print_line(out, f"\nShare of the variance of {objective} that each explains, from {basis(found)}.")


def basis(found: Importance) -> str:
    """The number of trials and the method that the importance is computed from."""
    return f"{counted(found.trials_used, 'trial')} ({found.evaluator})"


def most_important(found: Importance, number: int = 3) -> str | None:
    """The most important hyperparameters in one line; None if they are not known."""
    if found.importance is None:
        return None
    return ", ".join(f"{clean(name)} {share:.2f}" for name, share in list(found.importance.items())[:number])
