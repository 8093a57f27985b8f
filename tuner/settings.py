"""What the environment decides. Read by entry points only (command line, API, workers' set-up), never deeper."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, NonNegativeFloat, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment variables with the prefix `TUNER_`, and those that RunPod names itself."""

    model_config = SettingsConfigDict(env_prefix="TUNER_", frozen=True, populate_by_name=True)

    results_dir: Path = Field(default=Path("results"), description="Folder that holds one folder per study.")
    data_dir: Path | None = Field(
        default=None, description="Folder searched first for data files, where the spec names none."
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
        description="The endpoint, where the spec names none.",
    )
    runpod_base_url: str = Field(
        default="https://api.runpod.ai/v2",
        validation_alias=AliasChoices("RUNPOD_ENDPOINT_BASE_URL"),
        description="Where RunPod's endpoints are.",
    )
    runpod_prices: dict[str, NonNegativeFloat] = Field(
        default_factory=dict,
        description='Dollars per second by GPU, such as {"RTX 4090": 0.0003}: added to the table of '
        "tuner.runners.runpod.prices, whose entries they replace.",
    )

    def store_url(self) -> str:
        """Address of the database that holds all studies."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.results_dir.absolute() / 'tuner.db'}"
