"""Data sets: list them, show one, upload one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request

from serve_app.problems import ProblemError, responses
from serve_app.routing import new_routes
from serve_app.samples.loads import SampleLoads
from serve_app.schemas import DatasetDetail, DatasetEntry
from serve_app.services import Services
from serve_app.uploads import Uploads
from tuner.data_report import DataReport
from tuner.data_spec import DataSpec
from tuner.datasets.catalogue import BUILT_IN, DatasetInfo, catalogue, dataset_names
from tuner.datasets.downloadable import DOWNLOADABLE, place_of
from tuner.datasets.loading import load
from tuner.datasets.registry import OwnDataset, Registry
from tuner.errors import nearest
from tuner.spec_parts import NAME

Name = Annotated[
    str, Query(pattern=f"^{NAME}$", max_length=80, description="Name that studies use for it.", examples=["photos"])
]
DatasetName = Annotated[str, Path(description="Its name.", pattern=f"^{NAME}$", max_length=80, examples=["digits"])]
Format = Annotated[
    Literal["npz", "csv", "tsv", "json", "jsonl", "parquet", "csv.gz", "zip"],
    Query(
        description="npz: images or texts in the arrays x and y. zip: a folder with one subfolder of images or .txt "
        "files per class. The others: texts, in the columns text and label."
    ),
]
PLACES = {"data_dir": "in the data folder", "cache": "downloaded"}
FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
        },
    }
}


def router(services: Services, loads: SampleLoads) -> APIRouter:
    routes = new_routes(tags=["data sets"])
    registry = Registry(services.settings.results_dir)
    registry.sweep()
    uploads = Uploads(services.settings, registry)

    @routes.get("/datasets")
    def datasets() -> list[DatasetEntry]:
        """List the data sets that studies can use: the catalogue, then uploaded and registered ones."""
        return [_known(info, services) for info in catalogue()] + [_entry(entry) for entry in registry.entries()]

    @routes.get("/datasets/{name}", responses=responses(404))
    def dataset(name: DatasetName) -> DatasetDetail:
        """Return one data set with the report on it: null if it is downloaded when a study needs it."""
        own = registry.find(name)
        info = next((info for info in catalogue() if info.name == name), None)
        entry = _entry(own) if own else None if info is None else _known(info, services)
        if entry is None:
            known = [*dataset_names(), *(entry.name for entry in registry.entries())]
            raise ProblemError(HTTPStatus.NOT_FOUND, f"unknown data set {name!r}", remedy=nearest(name, known))
        report = own.report if own else _built_in_report(name) if name in BUILT_IN else None
        return DatasetDetail(**entry.model_dump(), report=report)

    @routes.post(
        "/datasets",
        status_code=HTTPStatus.CREATED,
        openapi_extra=FILE,
        responses=responses(408, 409, 413, 507),
    )
    async def upload(name: Name, format: Format, request: Request) -> DatasetEntry:
        """Upload a data set as the body: `curl --data-binary @photos.npz 'HOST/datasets?name=photos&format=npz'`.

        A form with one file (`curl -F file=@photos.npz`) is taken too. The whole file is read and checked before it is
        kept. Nothing in it is ever unpickled.
        """
        return _entry(await uploads.add(name, format, request))

    @routes.delete("/datasets/{name}", status_code=HTTPStatus.NO_CONTENT, responses=responses(404, 409))
    def delete(name: DatasetName) -> None:
        """Delete an uploaded data set. Refused while a study that uses it runs or waits to start.

        Studies that have ended stay, with their models; they cannot be resumed.
        """
        own = registry.find(name)
        uploads.remove(name, services.store)
        if own is not None:
            loads.forget(own.path)

    return routes


@cache
def _built_in_report(name: str) -> DataReport:
    data, _ = load(DataSpec(dataset=name))
    return data.report


def _known(info: DatasetInfo, services: Services) -> DatasetEntry:
    """An entry of the catalogue, with the place of its files if they are on this machine."""
    place = place_of(info.name, services.settings.data_dir) if info.name in DOWNLOADABLE else None
    return _entry(info if place is None else replace(info, source=PLACES[place]))


def _entry(info: DatasetInfo | OwnDataset) -> DatasetEntry:
    return DatasetEntry.model_validate(info, from_attributes=True)
