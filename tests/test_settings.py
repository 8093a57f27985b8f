"""Where settings come from: arguments, the environment, a file that only its owner can read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from serve_app.settings import ServeSettings
from tests.permissions import mode
from tuner.errors import FixInputError
from tuner.settings import Settings, private_files
from tuner.store import Store


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


def test_an_error_of_a_setting_repeats_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNER_API_TOKEN", "two secret words")
    with pytest.raises(ValidationError) as told:
        ServeSettings()
    assert "api_token" in str(told.value)
    assert "secret" not in str(told.value)


@pytest.mark.usefixtures("usual_umask")
class TestPrivateFiles:
    def modes(self, settings: Settings) -> dict[str, str]:
        """The permissions of a results folder with a database and a log."""
        with private_files(settings), Store.open(settings.store_url()):
            (settings.results_dir / "study.log").write_text("")
            return {file.name: mode(file) for file in (settings.results_dir, *settings.results_dir.iterdir())}

    def test_only_the_owner_can_read_results_database_and_log(self, tmp_path: Path) -> None:
        found = self.modes(Settings(results_dir=tmp_path / "results", database_url=None))
        assert found.pop("results") == "0o700"
        assert found.keys() >= {"study.log", "tuner.db", "tuner.db-wal"}
        assert set(found.values()) == {"0o600"}

    def test_a_setting_leaves_it_to_the_umask(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TUNER_USE_UMASK", "true")
        found = self.modes(Settings(results_dir=tmp_path / "results", database_url=None))
        assert found.pop("results") == "0o755"
        assert set(found.values()) == {"0o644"}

    def test_a_stricter_umask_stays(self, tmp_path: Path) -> None:
        os.umask(0o277)
        with private_files(Settings()):
            (tmp_path / "file").touch()
        assert os.umask(0o022) == 0o277
        assert mode(tmp_path / "file") == "0o400"
