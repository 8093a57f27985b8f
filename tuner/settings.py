"""Settings from the environment. Only entry points read them (command line, API, a worker's set-up).

A value comes from, in this order: the arguments of `Settings(...)`, the environment, and the file that
`TUNER_SETTINGS_FILE` names (lines `NAME=value`). That file may hold secrets, so only its owner may have access to it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

from pydantic import AliasChoices, Field, NonNegativeFloat, SecretStr
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from tuner.errors import FixInputError


class Settings(BaseSettings):
    """Environment variables with the prefix `TUNER_`, and RunPod's own."""

    model_config = SettingsConfigDict(env_prefix="TUNER_", frozen=True, populate_by_name=True)

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


def _check_private(file: Path) -> None:
    try:
        mode = file.stat().st_mode
        with file.open("rb"):
            pass
    except OSError as error:
        raise FixInputError(
            f"TUNER_SETTINGS_FILE: cannot read {file}: {error.strerror}", remedy="name a file that exists"
        ) from None
    if mode & 0o077:
        raise FixInputError(f"TUNER_SETTINGS_FILE: other users have access to {file}", remedy=f"chmod 600 {file}")
