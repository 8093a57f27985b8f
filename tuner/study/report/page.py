"""A report as one self-contained HTML page: no scripts, nothing to load, light and dark, for screen and print."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tuner.store import Store
from tuner.study.report.alternatives import alternative
from tuner.study.report.endings import endings_table
from tuner.study.report.facts import StudyFacts, read_facts
from tuner.study.report.health import health_sentences, metrics_table, signs_table
from tuner.study.report.network import hyperparameter_table, layer_table, network_sentences
from tuner.study.report.next_steps import next_steps
from tuner.study.report.numbers import number_tables
from tuner.study.report.pictures import Picture, study_pictures, trial_pictures, within_limit
from tuner.study.report.reproduce import command, data_lines, expectation, python_code, versions
from tuner.study.report.summary import key_figures, summary

if TYPE_CHECKING:
    from jinja2 import Template

    from tuner.study.figures import SampleSource

SECTIONS = {
    "summary": "Summary",
    "numbers": "Numbers",
    "figures": "Figures",
    "architecture": "Architecture",
    "health": "Health",
    "endings": "Why trials ended",
    "next": "What to try next",
    "reproduce": "How to reproduce",
}
"""The sections by the name of their address, in order."""


@dataclass(frozen=True)
class Pictures:
    """The figures of a report."""

    of_study: Sequence[Picture] = ()
    of_trial: Sequence[Picture] = ()


def write_report(store: Store, name: str, file: Path, samples: SampleSource | None = None) -> Path:
    """Write the report on a study to a file, whole or not at all; return the file.

    Args:
        file: Its folder is created.
        samples: Gives the figures of samples the model and the data; None: the study's own files do.

    Raises:
        UnknownStudyError: there is no such study.
    """
    page = report_html(store, name, samples)
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".unfinished-{os.getpid()}-{file.name}")
    try:
        unfinished.write_text(page, encoding="utf-8")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return file


def report_html(store: Store, name: str, samples: SampleSource | None = None) -> str:
    """The report on a study, with its figures."""
    facts = read_facts(store, name)
    of_study = study_pictures(store, name) if facts.trials else []
    best = facts.best
    of_trial = [] if best is None else trial_pictures(store, name, best.trial_number, samples)
    kept = within_limit([*of_study, *of_trial])
    names = {id(picture) for picture in kept}
    return page_of(
        facts,
        Pictures(
            [picture for picture in of_study if id(picture) in names],
            [picture for picture in of_trial if id(picture) in names],
        ),
    )


def page_of(facts: StudyFacts, pictures: Pictures) -> str:
    """The page with these facts and pictures."""
    best = facts.best
    diagnosis = None if facts.explanation is None else facts.explanation.trial
    built = None if best is None else best.architecture
    known_versions, of_what = versions(facts)
    signs = None if best is None else best.vital_signs
    health = [None if best is None else metrics_table(best, facts.spec, diagnosis), signs and signs_table(signs)]
    return _template().render(
        style=_resource("style.css"),
        sections=SECTIONS,
        name=facts.study.name,
        dataset=facts.dataset,
        status=facts.study.current_status,
        made=f"{facts.at.astimezone():%d %B %Y, %H:%M %Z}",
        tuner=version("tuner"),
        sentences=summary(facts),
        key_figures=key_figures(facts),
        warnings=facts.warnings,
        numbers=number_tables(facts),
        pictures=pictures,
        alternative=lambda picture: alternative(picture, facts),
        best=best,
        network=[] if best is None else network_sentences(best),
        layers=None if built is None else layer_table(built),
        hyperparameters=None if best is None else hyperparameter_table(best, facts.importance.importance),
        health_sentences=health_sentences(facts),
        health=[table for table in health if table is not None],
        endings=endings_table(facts.trials),
        steps=next_steps(facts),
        command=command(facts),
        expectation=expectation(facts),
        data=data_lines(facts),
        versions=known_versions,
        versions_title=of_what,
        code=python_code(facts),
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_resource("template.html.j2"))


def _resource(name: str) -> str:
    return resources.files("tuner.study.report").joinpath(name).read_text(encoding="utf-8")
