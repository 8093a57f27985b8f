"""Data sets: what there is, and own ones to add."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.requests import ClientDisconnect

from serve_app.problems import ProblemError, responses
from serve_app.schemas import DatasetEntry
from serve_app.services import Services
from tuner.datasets import catalogue
from tuner.datasets.inspection import inspect_dataset
from tuner.datasets.registry import OwnDataset, Registry
from tuner.spec_parts import NAME

Name = Annotated[
    str, Query(pattern=f"^{NAME}$", max_length=80, description="What studies will call it.", examples=["photos"])
]
Format = Annotated[
    Literal["npz", "csv", "jsonl", "parquet"],
    Query(description="npz: images or texts with x and y. The others: texts, with the columns text and label."),
]
FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def router(services: Services) -> APIRouter:
    """The routes of data sets."""
    routes = APIRouter(tags=["data sets"])
    registry = Registry(services.settings.results_dir)
    one_at_a_time = asyncio.Semaphore(1)

    @routes.get("/datasets")
    def datasets() -> list[DatasetEntry]:
        """All that a study may name: those with a known name, then own ones."""
        known = [
            DatasetEntry(name=info.name, kind=info.kind, samples=info.samples, classes=info.classes, source=info.source)
            for info in catalogue()
        ]
        return known + [_shown(entry) for entry in registry.entries()]

    @routes.post(
        "/datasets",
        status_code=HTTPStatus.CREATED,
        openapi_extra=FILE,
        responses=responses(408, 409, 413),
    )
    async def upload(name: Name, format: Format, request: Request) -> DatasetEntry:
        """Add one file, as the body: `curl --data-binary @photos.npz 'HOST/datasets?name=photos&format=npz'`.

        It is read and checked whole before it is kept. Nothing in it is ever unpickled.
        """
        with registry.new_folder(name) as folder:
            file = folder / f"{name}.{format}"
            await _receive(request.stream(), file)
            async with one_at_a_time:  # each may take gigabytes of memory
                found = await asyncio.to_thread(inspect_dataset, file)
            return _shown(registry.add_uploaded(folder, name, file, found.kind, found.samples, found.classes))

    return routes


async def _receive(body: AsyncIterator[bytes], file: Path) -> None:
    """Write the body as it comes."""
    empty = True
    try:
        with file.open("xb") as target:
            async for part in body:
                empty = empty and not part
                await asyncio.to_thread(target.write, part)
    except ClientDisconnect:
        raise ProblemError(HTTPStatus.BAD_REQUEST, "the body was cut short", remedy="send it again") from None
    except OSError as error:
        raise ProblemError(
            HTTPStatus.INSUFFICIENT_STORAGE, f"the file cannot be written: {error.strerror}", remedy="free some space"
        ) from None
    if empty:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "the body is empty", remedy="send the file as the body")


def _shown(entry: OwnDataset) -> DatasetEntry:
    return DatasetEntry(
        name=entry.name, kind=entry.kind, samples=entry.samples, classes=entry.classes, source=entry.source
    )
