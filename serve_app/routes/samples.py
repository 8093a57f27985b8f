"""Samples of data sets and of studies, to look at: pictures or texts with their classes."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from serve_app import views
from serve_app.problems import FieldProblem, ProblemError, invalid, responses
from serve_app.routes.common import GREATEST_NUMBER, StudyId
from serve_app.routing import new_routes
from serve_app.samples.files import SampleFiles
from serve_app.samples.loads import SampleLoads
from serve_app.samples.reading import SampleSplit
from serve_app.samples.schemas import Samples, samples_page
from serve_app.services import Services
from tuner.bounds import LONGEST_TEXT
from tuner.datasets.catalogue import dataset_names
from tuner.datasets.registry import Registry
from tuner.errors import nearest
from tuner.spec_parts import NAME

MOST_SAMPLES = 100
HEADERS = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "default-src 'none'"}

DatasetName = Annotated[
    str,
    Path(alias="name", description="The data set's name.", pattern=f"^{NAME}$", max_length=80, examples=["digits"]),
]
Label = Annotated[
    str | None, Query(max_length=LONGEST_TEXT, description="Name of a class; leave it out for samples of all classes.")
]
Offset = Annotated[int, Query(ge=0, le=GREATEST_NUMBER, description="Number of samples to skip.")]
Limit = Annotated[int, Query(ge=1, le=MOST_SAMPLES, description="Largest number of samples.")]
Index = Annotated[int, Path(ge=0, le=GREATEST_NUMBER, description="The sample's `index`.")]
Version = Annotated[
    str | None, Query(alias="v", max_length=40, description="Part of `image`, by which browsers may keep the picture.")
]
StudySplit = Literal["validation", "test"]
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}}, "description": "The picture."},
    **responses(404, 409),
}


def router(services: Services, loads: SampleLoads) -> APIRouter:
    routes = new_routes()

    @routes.get("/datasets/{name}/samples", tags=["data sets"], responses=responses(404, 409))
    async def dataset_samples(
        name: DatasetName,
        split: SampleSplit = "train",
        label: Label = None,
        offset: Offset = 0,
        limit: Limit = 24,
    ) -> Samples:
        """Return samples of a data set, split as a study with the defaults splits it.

        The first request reads the whole data set, which may take a minute. 409 if that is not possible, such as for a
        data set that no study has downloaded yet.
        """
        files = await of_dataset(name)
        return await asyncio.to_thread(_page, files, name, f"/datasets/{name}/samples", split, label, offset, limit)

    @routes.get(
        "/datasets/{name}/samples/{split}/{index}.png",
        tags=["data sets"],
        response_class=Response,
        responses=PICTURE,
    )
    async def dataset_picture(name: DatasetName, split: SampleSplit, index: Index, version: Version = None) -> Response:
        """Return the picture of a sample of a data set of images."""
        return await asyncio.to_thread(_picture, await of_dataset(name), split, index)

    @routes.get("/jobs/{id}/samples", tags=["studies"], responses=responses(404, 409))
    async def study_samples(
        name: StudyId,
        split: StudySplit = "validation",
        label: Label = None,
        offset: Offset = 0,
        limit: Limit = 24,
    ) -> Samples:
        """Return validation or test samples of a study, which its models can classify by their `index`.

        409 if the data set cannot be read on this machine, or has changed since the study began.
        """
        files = await of_study(name)
        dataset = await asyncio.to_thread(_dataset_of, services, name)
        return await asyncio.to_thread(_page, files, dataset, f"/jobs/{name}/samples", split, label, offset, limit)

    @routes.get("/jobs/{id}/samples/{split}/{index}.png", tags=["studies"], response_class=Response, responses=PICTURE)
    async def study_picture(name: StudyId, split: StudySplit, index: Index, version: Version = None) -> Response:
        """Return the picture of a validation or test sample of a study of images."""
        return await asyncio.to_thread(_picture, await of_study(name), split, index)

    async def of_dataset(name: str) -> SampleFiles:
        return await loads.of_dataset(name, await asyncio.to_thread(_path_of, services, name))

    async def of_study(name: str) -> SampleFiles:
        study = await asyncio.to_thread(services.store.study, name)
        return await loads.of_study(study, await asyncio.to_thread(views.dataset_name, services, study))

    return routes


def _path_of(services: Services, name: str) -> str | None:
    """Path of a user's own data set; None: a named one. Raises a problem if there is no data set of that name."""
    if name in dataset_names():
        return None
    registry = Registry(services.settings.results_dir)
    own = registry.find(name)
    if own is not None:
        return own.path
    known = [*dataset_names(), *(entry.name for entry in registry.entries())]
    raise ProblemError(HTTPStatus.NOT_FOUND, f"unknown data set {name!r}", remedy=nearest(name, known))


def _dataset_of(services: Services, name: str) -> str:
    return views.dataset_name(services, services.store.study(name))


def _page(
    files: SampleFiles, dataset: str, path: str, split: SampleSplit, label: str | None, offset: int, limit: int
) -> Samples:
    if label is not None and label not in files.about.labels:
        known = nearest(label, files.about.labels)
        raise invalid(FieldProblem(field="label", message=f"there is no class {label!r}: {known}", place="query"))
    return samples_page(files, dataset, path, split, label, offset, limit)


def _picture(files: SampleFiles, split: SampleSplit, index: int) -> Response:
    if not files.has_images:
        raise ProblemError(HTTPStatus.NOT_FOUND, "these samples are texts and have no pictures")
    if index >= files.about.sizes[split]:
        raise ProblemError(HTTPStatus.NOT_FOUND, files.no_such(split, index))
    return Response(files.picture(split, index), media_type="image/png", headers=HEADERS)
