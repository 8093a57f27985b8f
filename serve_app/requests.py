"""What a study that is asked for over HTTP may not: name files of this machine, or run code that nobody listed."""

from __future__ import annotations

import re
from http import HTTPStatus

from serve_app.problems import FieldProblem, ProblemError
from serve_app.services import Services
from tuner.datasets import dataset_names
from tuner.datasets.registry import Registry
from tuner.errors import UnknownStudyError, nearest
from tuner.spec import StudySpec
from tuner.spec_parts import NAME


def check_spec(services: Services, spec: StudySpec) -> None:
    """See that a spec that came over HTTP may run here.

    Raises:
        Refused: 422 with each field that may not be so; 409 where the name is taken.
    """
    errors = [FieldProblem(field=field, message=message) for field, message in _wrong(services, spec).items()]
    if errors:
        detail = "; ".join(f"{error.field}: {error.message}" for error in errors)
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=tuple(errors))
    if spec.run_name is not None and _exists(services, spec.run_name):
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"study {spec.run_name!r} already exists",
            remedy=f"choose another run_name, or POST /jobs/{spec.run_name}/resume",
        )


def _wrong(services: Services, spec: StudySpec) -> dict[str, str]:
    wrong: dict[str, str] = {}
    registry = Registry(services.settings.results_dir)
    if spec.dataset not in dataset_names() and registry.find(spec.dataset) is None:
        known = [*dataset_names(), *(entry.name for entry in registry.entries())]
        wrong["dataset"] = f"must name a data set of GET /datasets, never a path: {nearest(spec.dataset, known)}"
    if spec.data_dir is not None:
        wrong["data_dir"] = "is a path of this machine: only its operator may set it (TUNER_DATA_DIR)"
    if spec.storage_path is not None:
        wrong["storage_path"] = "is a place of this server: only its operator may set it (TUNER_RESULTS_DIR)"
    if spec.model is not None and spec.model not in services.settings.allowed_models:
        wrong["model"] = "is code: only one that the operator listed may be named (TUNER_ALLOWED_MODELS)"
    if spec.warm_start_from not in (None, "auto") and not _exists(services, str(spec.warm_start_from)):
        wrong["warm_start_from"] = "must name a study of GET /jobs, or be auto"
    return wrong


def _exists(services: Services, name: str) -> bool:
    if not re.fullmatch(NAME, name):
        return False
    try:
        services.store.study(name)
    except UnknownStudyError:
        return False
    return True
