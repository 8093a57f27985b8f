"""Keras is used with its defaults whatever another project of the user has set."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import matplotlib
import pytest

from tuner.models.keras_settings import without_banners

PROGRAM = """
import gc, json, sys
from tuner.models.keras_settings import import_keras
keras = import_keras()
config = keras.config
print(json.dumps([config.backend(), config.floatx(), config.dtype_policy().name, config.epsilon(),
                  config.image_data_format(), config.max_epochs(), keras.__version__.split(".")[0]]))
print(json.dumps([sorted({"matplotlib", "pandas", "sklearn"} & sys.modules.keys()), gc.isenabled()]))
import pandas, sklearn.base, matplotlib.pyplot
"""


def test_all_but_tensorflows_banners_reaches_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    banners = (
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "I0000 00:00:1795910104.758469    6060 cudart_stub.cc:31] Could not find cuda drivers on your machine.",
        "2026-11-28 22:54:47.123456: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.",
        "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow.",
    )
    with without_banners():
        os.write(2, "\n".join((*banners, "a warning of the user's module", "")).encode())
    assert capfd.readouterr().err == "a warning of the user's module\n"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """What a process told that imported Keras with the settings of another project."""
    tmp_path = tmp_path_factory.mktemp("home")
    (tmp_path / ".keras").mkdir()
    other = {"backend": "jax", "floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps(other))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS", "TF_"))}
    environment |= {"HOME": str(tmp_path), "KERAS_BACKEND": "torch", "KERAS_MAX_EPOCHS": "0"}
    environment |= {"TF_USE_LEGACY_KERAS": "1", "MPLCONFIGDIR": matplotlib.get_configdir()}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment, timeout=200
    )
    assert ran.stderr == "", "TensorFlow's banners"
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.mark.tensorflow
def test_the_settings_file_and_the_environment_of_another_project_do_not_matter(told: list[object]) -> None:
    assert told[0] == ["tensorflow", "float32", "float32", 1e-7, "channels_last", None, "3"]


@pytest.mark.tensorflow
def test_keras_is_imported_without_packages_that_only_others_need_and_they_can_be_imported_later(
    told: list[object],
) -> None:
    assert told[1] == [[], True]
