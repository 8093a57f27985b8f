"""`tuner importance`: what decided how good the networks of a study were."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from tuner.console.bars import share_bar
from tuner.console.formatting import clean, counted
from tuner.console.output import cut, table
from tuner.errors import FixInputError
from tuner.store import Store
from tuner.study.importance import Importance, study_importance

WIDEST = 100
"""Columns; a longer bar is not easier to compare."""


def importance_json(store: Store, name: str) -> dict[str, Any]:
    """The importance by parameter, or null and the reason."""
    return study_importance(store, name).model_dump(mode="json")


def print_importance(store: Store, name: str, out: Console) -> None:
    """The parameters that varied, the most important first, with a bar each; the longest one fills the room.

    Raises:
        FixInputError: it is not known yet.
    """
    found = study_importance(store, name)
    if found.importance is None:
        raise FixInputError(
            f"the importance of study {name!r} is not known: {found.reason}", remedy=f"see `tuner show {name}`"
        )
    most = max(found.importance.values())
    width = min(out.width, WIDEST)
    shown = table("parameter", ">share", "~")
    shown.columns[0].max_width = width // 2  # an own model may name its parameters as long as it likes
    for parameter, share in found.importance.items():
        shown.add_row(cut(parameter), Text(f"{share:.2f}"), share_bar(share / most))
    out.print(shown, width=width)
    objective = store.study(name).spec.objectives[0]
    out.print(Text(f"\nShare of the explained differences in {objective}, by {told(found)}."), soft_wrap=True)


def told(found: Importance) -> str:
    """What it is judged by."""
    return f"{counted(found.trials_used, 'trial')} ({found.evaluator})"


def most_important(found: Importance, number: int = 3) -> str | None:
    """The first few parameters in one line; None if they are not known."""
    if found.importance is None:
        return None
    return ", ".join(f"{clean(name)} {share:.2f}" for name, share in list(found.importance.items())[:number])
