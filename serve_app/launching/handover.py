"""The settings that `tuner serve` passes on to replicas and drivers: all of them except the secrets.

Ray shows the command line of a job, and Ray Serve stores the arguments of a deployment. So the database's address, the
RunPod key and the API token are never passed on: each process reads them where it runs, from its node's environment or
from the file that `TUNER_SETTINGS_FILE` names there. A process whose node lacks one refuses to start.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from tuner.errors import FixInputError
from tuner.settings import Settings

AnySettings = TypeVar("AnySettings", bound=Settings)


class Handover(BaseModel):
    """What `tuner serve` passes on. Holds no secret."""

    model_config = ConfigDict(frozen=True)

    settings: dict[str, Any] = Field(description="The settings that are no secrets, as JSON values.")
    secrets: tuple[str, ...] = Field(description="Names of the secret settings that are set; not their values.")
    folder: Path = Field(description="Folder in which own models are looked for.")

    @classmethod
    def of(cls, settings: Settings, folder: Path) -> Self:
        """The settings to pass on, with absolute paths."""
        secrets = settings.secrets()
        absolute = {"results_dir": settings.results_dir.absolute()}
        if settings.data_dir is not None:
            absolute["data_dir"] = settings.data_dir.absolute()
        fields = settings.model_copy(update=absolute).model_dump(mode="json", exclude=set(secrets), exclude_none=True)
        given = tuple(name for name in secrets if getattr(settings, name) is not None)
        return cls(settings=fields, secrets=given, folder=folder.absolute())

    def read(self, kind: type[AnySettings]) -> AnySettings:
        """These settings and the secrets of this process's environment. Raises FixInputError if it lacks one."""
        known = {name: value for name, value in self.settings.items() if name in kind.model_fields}
        settings = kind(**known)
        needed = {name: variable for name, variable in kind.secrets().items() if name in self.secrets}
        missing = [variable for name, variable in needed.items() if getattr(settings, name) is None]
        if missing:
            raise FixInputError(
                f"the environment of a Ray node lacks {', '.join(missing)}",
                remedy="set it, or TUNER_SETTINGS_FILE, before `ray start` on every node",
            )
        return settings
