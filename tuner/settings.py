"""Settings from the environment. Only entry points read them (command line, API, a worker's set-up).

A value comes from, in this order: the arguments of `Settings(...)`, the environment, and the file that
`TUNER_SETTINGS_FILE` names (lines `NAME=value`). That file may hold secrets, so only its owner may have access to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from pydantic import AliasChoices, Field, NonNegativeFloat, SecretStr
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from tuner.errors import FixInputError

_OWNER_ONLY = 0o077
"""Umask by which folders get mode 0700 and files 0600."""


class Settings(BaseSettings):
    """Environment variables with the prefix `TUNER_`, and RunPod's own."""

    # A validation error must not repeat a secret.
    model_config = SettingsConfigDict(
        env_prefix="TUNER_", frozen=True, populate_by_name=True, hide_input_in_errors=True
    )

    results_dir: Path = Field(default=Path("results"), description="Folder with one subfolder per study.")
    data_dir: Path | None = Field(
        default=None, description="Folder that is searched first for data files if the spec has no data_dir."
    )
    database_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy address of the database; default: SQLite in the results folder."
    )
    node_types: str | None = Field(
        default=None,
        description="What an autoscaled cluster could bring: path of the file of `ray up` on its head, or a JSON list "
        'such as [{"CPU": 16}, {"CPU": 8, "GPU": 1}].',
    )
    use_umask: bool = Field(
        default=False,
        description="Create results, databases and logs with the permissions of your umask. By default only you can "
        "read them.",
    )

    runpod_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("RUNPOD_API_KEY"),
        description="Key of the RunPod account whose endpoint trains trials.",
    )
    runpod_endpoint_id: str | None = Field(
        default=None,
        validation_alias=AliasChoices("RUNPOD_ENDPOINT_ID"),
        description="Endpoint if the spec has no runpod_endpoint_id.",
    )
    runpod_base_url: str = Field(
        default="https://api.runpod.ai/v2",
        validation_alias=AliasChoices("RUNPOD_ENDPOINT_BASE_URL"),
        description="Base URL of RunPod's endpoints.",
    )
    runpod_prices: dict[str, NonNegativeFloat] = Field(
        default_factory=dict,
        description='Dollars per second by GPU, such as {"RTX 4090": 0.0003}: added to the table of '
        "tuner.runners.runpod.prices, whose entries they replace.",
    )

    def store_url(self) -> str:
        """Returns the URL of the database of all studies."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.results_dir.absolute() / 'tuner.db'}"

    @classmethod
    def secrets(cls) -> dict[str, str]:
        """The environment variable of each field that holds a secret, by field."""
        variables = {}
        for name, field in cls.model_fields.items():
            if SecretStr in get_args(field.annotation):
                alias = field.validation_alias
                variables[name] = str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"TUNER_{name.upper()}"
        return variables

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where values come from, the most important source first.

        Raises:
            FixInputError: the file that `TUNER_SETTINGS_FILE` names cannot be read, or others have access to it.
        """
        file = os.environ.get("TUNER_SETTINGS_FILE")
        if not file:
            return init_settings, env_settings
        _check_private(Path(file))
        of_file = DotEnvSettingsSource(settings_cls, env_file=file, dotenv_filtering="only_existing")
        return init_settings, env_settings, of_file


@contextmanager
def private_files(settings: Settings) -> Iterator[None]:
    """Context manager in which whatever this process and its children create is readable by its owner only.

    Sets the umask, which all threads of a process share. Does nothing with the setting `use_umask`.
    """
    before = restrict_umask(settings)
    try:
        yield
    finally:
        os.umask(before)


def restrict_umask(settings: Settings) -> int:
    """Do for the rest of the process what `private_files` does; return the umask before."""
    before = os.umask(_OWNER_ONLY)
    os.umask(before if settings.use_umask else before | _OWNER_ONLY)
    return before


def _check_private(file: Path) -> None:
    try:
        mode = file.stat().st_mode
        with file.open("rb"):
            pass
    except OSError as error:
        raise FixInputError(
            f"TUNER_SETTINGS_FILE: cannot read {file}: {error.strerror}", remedy="name a file that exists"
        ) from None
    if mode & _OWNER_ONLY:
        raise FixInputError(f"TUNER_SETTINGS_FILE: other users have access to {file}", remedy=f"chmod 600 {file}")
