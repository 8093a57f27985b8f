"""What the environment decides. Read by entry points only (command line, API, workers' set-up), never deeper."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment variables with the prefix `TUNER_`."""

    model_config = SettingsConfigDict(env_prefix="TUNER_", frozen=True)

    results_dir: Path = Field(default=Path("results"), description="Folder that holds one folder per study.")
    data_dir: Path | None = Field(
        default=None, description="Folder searched first for data files, where the spec names none."
    )
    database_url: SecretStr | None = Field(
        default=None, description="SQLAlchemy address of the database; default: SQLite in the results folder."
    )

    def store_url(self) -> str:
        """Address of the database that holds all studies."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.results_dir.absolute() / 'tuner.db'}"
