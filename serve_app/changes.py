"""What people change in studies and trials over HTTP: bodies of requests, and their effect."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from serve_app.problems import conflict
from serve_app.routes.common import RequestBody, known_trial
from serve_app.services import Services
from tuner.errors import FixInputError
from tuner.store import Changes
from tuner.study.workers import check_workers_may_change

MOST_TAGS = 20

Tag = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$"),
]


def _without_repeats(tags: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if tags is None else tuple(dict.fromkeys(tags))


def _null_if_blank(note: str | None) -> str | None:
    return note if note is not None and note.strip() else None


Note = Annotated[
    Annotated[str, StringConstraints(max_length=10_000)] | None,
    AfterValidator(_null_if_blank),
    Field(description="Plain text; null or blank removes it. Leave it out to keep it."),
]


class JobChange(RequestBody):
    """New values of a study's fields; a field that is left out stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"note": "Larger kernels help.", "tags": ["homework"]}, {"concurrent_workers": 4}]
        }
    )

    note: Note = None
    tags: Annotated[tuple[Tag, ...] | None, AfterValidator(_without_repeats)] = Field(
        default=None, max_length=MOST_TAGS, description="All its tags; [] removes them. Null: unchanged."
    )
    concurrent_workers: int | None = Field(
        default=None,
        ge=1,
        le=1_000,
        strict=True,
        description="Most trials that train at once, within about 2 s if the study is running. With fewer, no trial is "
        "stopped: the next one starts once fewer are running. Null: unchanged.",
    )


class TrialChange(RequestBody):
    """New values of a trial's fields; a field that is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"starred": True}, {"note": "Compare with trial 3."}]})

    note: Note = None
    starred: bool | None = Field(default=None, strict=True, description="Whether it is starred. Null: unchanged.")


def change_study(services: Services, name: str, change: JobChange) -> None:
    """Change a study. Raises a 409 if its number of concurrent trials cannot change; then nothing is changed."""
    values = {field: value for field, value in change if field in change.model_fields_set}
    named = {field: value for field, value in values.items() if field == "note" or value is not None}
    if "concurrent_workers" in named:
        try:
            check_workers_may_change(services.store.study(name).spec)
        except FixInputError as error:
            raise conflict(error) from None
    Changes(services.store).change_study(name, named)  # type: ignore[arg-type]


def change_trial(services: Services, name: str, number: int, change: TrialChange) -> None:
    """Change a trial. Raises a 404 if the study has no such trial."""
    known_trial(services.store, name, number)
    values = {field: value for field, value in change if field in change.model_fields_set}
    named = {field: value for field, value in values.items() if field == "note" or value is not None}
    Changes(services.store).change_trial(name, number, named)  # type: ignore[arg-type]


def cancel_trial(services: Services, name: str, number: int) -> None:
    """Ask a running trial to end. Raises a 404 if the study has no such trial, a 409 if the trial does not run."""
    known_trial(services.store, name, number)
    try:
        Changes(services.store).cancel_trial(name, number)
    except FixInputError as error:
        raise conflict(error) from None
