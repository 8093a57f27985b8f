"""How to make a study again: its command, its data, its seed and the versions that it ran with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from tuner.study.command import command_of
from tuner.study.paths import MODEL_FILE
from tuner.study.report.facts import StudyFacts
from tuner.study.usage_code import usage_code

PACKAGES = ("tuner", "tensorflow", "keras", "ray", "optuna", "numpy")
AGAIN, LONGEST = "-again", 80
"""Ending of the new study's name, since a name can be used only once, and the characters that a name may have."""


def command(facts: StudyFacts, **changes: object) -> str:
    """The command that starts an equal study under another name, or one that differs only in these settings."""
    name = f"{facts.study.name[: LONGEST - len(AGAIN)]}{AGAIN}"
    return command_of(facts.spec.model_copy(update={"run_name": name, **changes}))


def expectation(facts: StudyFacts) -> str:
    """How equal the results of a repetition are."""
    seed = facts.spec.seed
    if facts.spec.deterministic:
        return f"Seed {seed} with deterministic=true: equal data, machines and versions give equal trials."
    return (
        f"Seed {seed} gives the same splits and initial weights. The search also depends on measured times, so a "
        "repetition gives similar trials, not equal ones; deterministic=true makes them equal."
    )


def data_lines(facts: StudyFacts) -> list[str]:
    """The data set in lines, with the fingerprint by which a resume recognises it."""
    if facts.study.data is None or facts.report is None:
        return ["The data were not read yet."]
    return [*facts.report.lines(), f"fingerprint {facts.study.data.fingerprint}"]


def versions(facts: StudyFacts) -> tuple[dict[str, str], str]:
    """The version of each package, and what these versions are: of the saved model, or of this machine now."""
    known = facts.metadata.get("versions")
    if isinstance(known, dict):
        return {str(name): str(one) for name, one in known.items()}, "Versions that saved the model"
    return {"python": platform.python_version()} | _installed(), "Versions on the machine that wrote this report"


def _installed() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def python_code(facts: StudyFacts) -> list[str]:
    """Python code that uses the saved model, from a folder that `tuner export` writes; empty without a model."""
    if not facts.metadata:
        return []
    return usage_code(f"{facts.study.name}-best_model/{MODEL_FILE}", facts.metadata)
