"""What a driver must know and its command line must not show: the settings, with the database's password and a key.

Ray's dashboard shows a job's command line and environment. So the application leaves its settings in the cluster's own
store, which asks for Ray's token, and drivers take them from there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tuner.errors import FixInputError
from tuner.settings import Settings

_KEY, _NAMESPACE = b"settings", b"tuner.serve"


@dataclass(frozen=True)
class Handover:
    """What the application hands to its drivers."""

    settings: Settings
    """Those of a driver; what the application itself has beyond them stays with it, its token above all."""
    folder: Path
    """Where it was started: modules of own models are looked for here."""


def leave(handover: Handover) -> None:
    """Leave it for all drivers that start from now on. This process is connected to Ray."""
    from tuner.ray_internals import put_cluster_value

    settings = handover.settings
    key = settings.runpod_api_key
    fields = settings.model_dump(mode="json", include=set(Settings.model_fields)) | {
        "results_dir": str(settings.results_dir.absolute()),
        "data_dir": None if settings.data_dir is None else str(settings.data_dir.absolute()),
        "database_url": settings.store_url(),
        "runpod_api_key": None if key is None else key.get_secret_value(),
    }
    document = json.dumps({"settings": fields, "folder": str(handover.folder.absolute())})
    put_cluster_value(_NAMESPACE, _KEY, document)


def take() -> Handover:
    """What was left. This process is connected to Ray.

    Raises:
        FixInputError: nothing was left: no application is served in this cluster.
    """
    from tuner.ray_internals import cluster_value

    found = cluster_value(_NAMESPACE, _KEY)
    if found is None:
        raise FixInputError("no application is served in this cluster", remedy="tuner serve")
    document = json.loads(found)
    return Handover(Settings.model_validate(document["settings"]), Path(document["folder"]))
