"""The settings that the application passes on to its replicas and drivers."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from serve_app.deployment import application
from serve_app.launching.handover import Handover
from serve_app.launching.jobs import Job, RayJobs
from serve_app.settings import ServeSettings
from tuner.errors import FixInputError
from tuner.settings import Settings

SECRETS = {
    "TUNER_DATABASE_URL": "postgresql+psycopg://me:secret-1@db/tuner",
    "RUNPOD_API_KEY": "secret-2",
    "TUNER_API_TOKEN": "secret-3",
}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ServeSettings:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return ServeSettings(
        results_dir=tmp_path / "results",
        data_dir=tmp_path / "data",
        runpod_endpoint_id="e1",
        runpod_base_url="http://127.0.0.1:9/v2",
        runpod_prices={"my GPU": 0.5},
        node_types="~/ray_bootstrap_config.yaml",
        use_umask=True,
        allowed_models=("nets:build",),
        host="localhost",
    )


def test_a_replica_and_a_driver_have_every_setting_of_the_application(settings: ServeSettings, tmp_path: Path) -> None:
    assert settings.model_fields_set >= set(Settings.model_fields), "a new setting belongs here"
    handover = Handover.model_validate_json(Handover.of(settings, tmp_path).model_dump_json())
    assert handover.read(ServeSettings) == settings
    assert handover.read(Settings).model_dump() == settings.model_dump(include=set(Settings.model_fields))
    assert handover.folder == tmp_path


def test_no_secret_is_in_what_serve_stores_or_in_what_ray_shows_of_a_job(
    settings: ServeSettings, tmp_path: Path
) -> None:
    handover = Handover.of(settings, tmp_path)

    class Client:
        def submit_job(self, **arguments: object) -> None:
            self.arguments = arguments

    client = Client()
    jobs = RayJobs.__new__(RayJobs)
    jobs._handover, jobs._cluster, jobs._client = handover, "127.0.0.1:1", client
    jobs.submit(Job.first("s", after=0))
    stored = pickle.dumps(application(handover)._bound_deployment.init_args)
    assert b"ray_bootstrap_config" in stored
    assert "ray_bootstrap_config" in str(client.arguments["entrypoint"])
    assert b"secret-" not in stored
    assert "secret-" not in str(client.arguments)


@pytest.mark.parametrize("variable", SECRETS)
def test_a_node_whose_environment_lacks_a_secret_is_refused(
    settings: ServeSettings, tmp_path: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    handover = Handover.of(settings, tmp_path)
    monkeypatch.delenv(variable)
    with pytest.raises(FixInputError, match=f"the environment of a Ray node lacks {variable}"):
        handover.read(ServeSettings)


def test_folders_mean_the_same_wherever_a_driver_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    handover = Handover.of(Settings(results_dir=Path("results"), data_dir=Path("data"), database_url=None), Path())
    monkeypatch.chdir("/")
    settings = handover.read(Settings)
    assert (settings.results_dir, settings.data_dir) == (tmp_path / "results", tmp_path / "data")
    assert settings.store_url() == f"sqlite:///{tmp_path / 'results' / 'tuner.db'}"
    assert handover.folder == tmp_path
