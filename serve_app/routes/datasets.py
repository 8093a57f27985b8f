"""Data sets: list them, show one, upload one."""

from __future__ import annotations

import asyncio
import pathlib
from collections.abc import AsyncIterator
from functools import cache
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from serve_app.problems import ProblemError, responses
from serve_app.schemas import DatasetDetail, DatasetEntry
from serve_app.services import Services
from serve_app.uploaded_zip import unpack
from tuner.data_report import DataReport
from tuner.data_spec import DataSpec
from tuner.datasets.catalogue import BUILT_IN, DatasetInfo, catalogue, dataset_names
from tuner.datasets.inspection import inspect_dataset
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
        description="npz: images or texts in the arrays x and y. zip: a folder with one subfolder of images per class. "
        "The others: texts, in the columns text and label."
    ),
]
_CHUNK = 2**20
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


def router(services: Services) -> APIRouter:
    routes = APIRouter(tags=["data sets"])
    registry = Registry(services.settings.results_dir)
    one_at_a_time = asyncio.Semaphore(1)

    @routes.get("/datasets")
    def datasets() -> list[DatasetEntry]:
        """List the data sets that studies can use: the catalogue, then uploaded and registered ones."""
        return [_entry(info) for info in catalogue()] + [_entry(entry) for entry in registry.entries()]

    @routes.get("/datasets/{name}", responses=responses(404))
    def dataset(name: DatasetName) -> DatasetDetail:
        """Return one data set with the report on it: null if it is downloaded when a study needs it."""
        own = registry.find(name)
        info = own or next((info for info in catalogue() if info.name == name), None)
        if info is None:
            known = [*dataset_names(), *(entry.name for entry in registry.entries())]
            raise ProblemError(HTTPStatus.NOT_FOUND, f"unknown data set {name!r}", remedy=nearest(name, known))
        report = own.report if own else _built_in_report(name) if name in BUILT_IN else None
        return DatasetDetail(**_entry(info).model_dump(), report=report)

    @routes.post(
        "/datasets",
        status_code=HTTPStatus.CREATED,
        openapi_extra=FILE,
        responses=responses(408, 409, 413),
    )
    async def upload(name: Name, format: Format, request: Request) -> DatasetEntry:
        """Upload a data set as the body: `curl --data-binary @photos.npz 'HOST/datasets?name=photos&format=npz'`.

        A form with one file (`curl -F file=@photos.npz`) is taken too. The whole file is read and checked before it is
        kept. Nothing in it is ever unpickled.
        """
        with registry.new_folder(name) as folder:
            file = folder / f"{name}.{format}"
            await _receive(_content(request), file)
            async with one_at_a_time:  # one inspection may need gigabytes of memory
                if format == "zip":
                    packed, file = file, folder / name
                    await asyncio.to_thread(unpack, packed, file, services.settings.upload_limit)
                    packed.unlink()
                found = await asyncio.to_thread(inspect_dataset, file)
            return _entry(registry.add_uploaded(folder, name, file, found))

    return routes


@cache
def _built_in_report(name: str) -> DataReport:
    data, _ = load(DataSpec(dataset=name))
    return data.report


async def _content(request: Request) -> AsyncIterator[bytes]:
    """Yield the content of the file that a request sends, as its body or in a form."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        async for part in request.stream():
            yield part
        return
    async with request.form(max_files=1) as form:
        files = [value for value in form.values() if isinstance(value, UploadFile)]
        if not files:
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, "the form holds no file", remedy="add one: -F file=@FILE"
            )
        while part := await files[0].read(_CHUNK):
            yield part


async def _receive(body: AsyncIterator[bytes], file: pathlib.Path) -> None:
    """Write the body to a file while it arrives."""
    empty = True
    try:
        with file.open("xb") as target:
            async for part in body:
                empty = empty and not part
                await asyncio.to_thread(target.write, part)
    except ClientDisconnect:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the body is incomplete", remedy="send it again") from None
    except OSError as error:
        raise ProblemError(
            HTTPStatus.INSUFFICIENT_STORAGE, f"the file cannot be written: {error.strerror}", remedy="free some space"
        ) from None
    if empty:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "the body is empty", remedy="send the file as the body")


def _entry(info: DatasetInfo | OwnDataset) -> DatasetEntry:
    return DatasetEntry.model_validate(info, from_attributes=True)
