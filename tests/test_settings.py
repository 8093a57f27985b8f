"""Where settings come from: arguments, the environment, a file that only its owner can read."""

from __future__ import annotations

from pathlib import Path

import pytest

from serve_app.settings import ServeSettings
from tuner.errors import FixInputError
from tuner.settings import Settings


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TUNER_DATABASE_URL", "TUNER_DATA_DIR", "TUNER_API_TOKEN", "RUNPOD_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "settings.env"
    path.write_text("TUNER_DATABASE_URL=postgresql://db/tuner\nRUNPOD_API_KEY=key\nTUNER_API_TOKEN=token\nOTHER=1\n")
    path.chmod(0o600)
    monkeypatch.setenv("TUNER_SETTINGS_FILE", str(path))
    return path


def test_the_file_gives_what_the_environment_does_not(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServeSettings()
    assert settings.runpod_api_key is not None
    assert (settings.store_url(), settings.runpod_api_key.get_secret_value()) == ("postgresql://db/tuner", "key")
    assert settings.token == "token"
    monkeypatch.setenv("TUNER_DATABASE_URL", "postgresql://other/tuner")
    assert Settings().store_url() == "postgresql://other/tuner"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused_with_the_remedy(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(FixInputError, match=f"other users have access to {file} - chmod 600 {file}"):
        Settings()


def test_a_missing_file_is_refused(file: Path) -> None:
    file.unlink()
    with pytest.raises(FixInputError, match=f"TUNER_SETTINGS_FILE: cannot read {file}: No such file"):
        Settings()


def test_the_variables_of_the_secrets_are_known() -> None:
    assert ServeSettings.secrets() == {
        "database_url": "TUNER_DATABASE_URL",
        "runpod_api_key": "RUNPOD_API_KEY",
        "api_token": "TUNER_API_TOKEN",
    }
