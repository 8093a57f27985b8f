"""What a study over HTTP may not name: paths of the server, or code that the operator did not list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

from serve_app.problems import FieldProblem, ProblemError, invalid
from serve_app.services import Services
from tuner.datasets import dataset_names
from tuner.datasets.registry import Registry
from tuner.errors import UnknownStudyError, nearest
from tuner.spec import StudySpec
from tuner.spec_parts import NAME
from tuner.store import StartRequest


def check_start(services: Services, spec: StudySpec, request: StartRequest | None) -> None:
    """Check a request as `check_spec`, unless it is one that has started its study before."""
    try:
        check_spec(services, spec)
    except ProblemError:
        if request is None or services.store.study_of_request(request) is None:
            raise


def check_spec(services: Services, spec: StudySpec) -> None:
    """Raise a 422 with each field that a spec over HTTP may not have, or a 409 if its name is taken."""
    check_allowed(services, spec)
    if spec.run_name is not None and _exists(services, spec.run_name):
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"study {spec.run_name!r} already exists",
            remedy=f"choose another run_name, or POST /jobs/{spec.run_name}/resume",
        )


def check_allowed(services: Services, spec: StudySpec, within: str = "") -> None:
    """Raise a 422 with each field that a spec over HTTP may not have; `within` is put before the fields' names."""
    errors = tuple(
        FieldProblem(field=f"{within}{field}", message=message) for field, message in _not_allowed(services, spec)
    )
    if errors:
        raise invalid(*errors)


def _not_allowed(services: Services, spec: StudySpec) -> Iterator[tuple[str, str]]:
    registry = Registry(services.settings.results_dir)
    if spec.dataset not in dataset_names() and registry.find(spec.dataset) is None:
        known = [*dataset_names(), *(entry.name for entry in registry.entries())]
        yield "dataset", f"must be the name of a data set of GET /datasets, not a path: {nearest(spec.dataset, known)}"
    if spec.data_dir is not None:
        yield "data_dir", "is a path of the server: only its operator can set it (TUNER_DATA_DIR)"
    if spec.storage_path is not None:
        yield "storage_path", "is a path of the server: only its operator can set it (TUNER_RESULTS_DIR)"
    if spec.model is not None and spec.model not in services.settings.allowed_models:
        yield "model", "is code: the operator has to list it first (TUNER_ALLOWED_MODELS)"
    if spec.warm_start_from not in (None, "auto") and not _exists(services, str(spec.warm_start_from)):
        yield "warm_start_from", "must be auto or the name of a study of GET /jobs"


def _exists(services: Services, name: str) -> bool:
    if not re.fullmatch(NAME, name):
        return False
    try:
        services.store.study(name)
    except UnknownStudyError:
        return False
    return True
