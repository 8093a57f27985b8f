"""The settings that the application hands to its drivers."""

from __future__ import annotations

from pathlib import Path

import pytest
from ray.experimental import internal_kv

from serve_app.launching import handover
from serve_app.launching.handover import Handover
from serve_app.settings import ServeSettings
from tuner.errors import FixInputError
from tuner.settings import Settings


@pytest.fixture
def kept(monkeypatch) -> dict[bytes, str]:
    """What the cluster's own store holds."""
    values: dict[bytes, str] = {}
    put = lambda key, value, overwrite, namespace: values.update({key: value})  # noqa: E731
    monkeypatch.setattr(internal_kv, "_internal_kv_put", put)
    monkeypatch.setattr(internal_kv, "_internal_kv_get", lambda key, namespace: values.get(key))
    return values


def test_a_driver_has_every_setting_of_the_application(kept, tmp_path):
    settings = Settings(
        results_dir=tmp_path / "results",
        data_dir=tmp_path / "data",
        database_url="postgresql+psycopg://me:secret@db/tuner",
        runpod_api_key="rpa_secret",
        runpod_endpoint_id="e1",
        runpod_base_url="http://127.0.0.1:9/v2",
        runpod_prices={"my GPU": 0.5},
        node_types="~/ray_bootstrap_config.yaml",
    )
    assert settings.model_fields_set == set(Settings.model_fields), "a new setting belongs here"
    handover.leave(Handover(settings, tmp_path))
    taken = handover.take()
    assert taken == Handover(settings, tmp_path)
    assert taken.settings.runpod_api_key.get_secret_value() == "rpa_secret"


def test_what_the_application_alone_needs_stays_with_it(kept, tmp_path):
    own = ServeSettings(results_dir=tmp_path, data_dir=None, database_url=None, api_token="a-token-of-ours")
    handover.leave(Handover(own, tmp_path))
    assert "a-token-of-ours" not in kept[b"settings"]
    assert set(handover.take().settings.model_dump()) == set(Settings.model_fields)


def test_folders_mean_the_same_from_wherever_a_driver_starts(kept, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    handover.leave(Handover(Settings(results_dir=Path("results"), data_dir=Path("data"), database_url=None), Path()))
    taken = handover.take()
    assert (taken.settings.results_dir, taken.settings.data_dir) == (tmp_path / "results", tmp_path / "data")
    assert taken.settings.store_url() == f"sqlite:///{tmp_path / 'results' / 'tuner.db'}"
    assert taken.folder == tmp_path


def test_without_an_application_a_driver_says_what_is_missing(kept):
    with pytest.raises(FixInputError, match="no application is served in this cluster"):
        handover.take()
