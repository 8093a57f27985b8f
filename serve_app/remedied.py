"""Remedies of findings that older tuners recorded without one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tuner.events import Finding
from tuner.health.remedies import with_remedies
from tuner.store import TrialRow


def remedied(row: TrialRow) -> TrialRow:
    """The trial with a remedy for each of its findings."""
    return row.model_copy(update={"findings": with_remedies(row.findings, row.hyperparameters)})


def remedied_rows(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> list[Sequence[Any]]:
    """Rows of `tuner.store.trial_json` with a remedy for each finding; parses only rows that lack one.

    Without the column `hyperparameters`, remedies do not name present values.
    """
    if "findings" not in names:
        return list(rows)
    place = names.index("findings")
    values = names.index("hyperparameters") if "hyperparameters" in names else None
    return [
        _with_remedies(row, place, "{}" if values is None else row[values]) if _lacks_one(row[place]) else row
        for row in rows
    ]


def _lacks_one(findings: str | None) -> bool:
    if findings is None or "{" not in findings:
        return False
    return findings.count('"remedy"') < findings.count('"evidence"') or '"remedy": null' in findings


def _with_remedies(row: Sequence[Any], place: int, hyperparameters: str) -> Sequence[Any]:
    findings = [Finding.model_validate(value) for value in json.loads(row[place])]
    found = with_remedies(findings, json.loads(hyperparameters))
    return (*row[:place], json.dumps([finding.model_dump(mode="json") for finding in found]), *row[place + 1 :])
