"""Keras is used with its defaults whatever another project of the user has set."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SETTINGS = """
import json, sys
from tuner.models.keras_settings import import_keras
keras = import_keras()
config = keras.config
print(json.dumps([config.backend(), config.floatx(), config.dtype_policy().name, config.epsilon(),
                  config.image_data_format(), config.max_epochs(), keras.__version__.split(".")[0]]))
"""


@pytest.mark.tensorflow
def test_the_settings_file_and_the_environment_of_another_project_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / ".keras").mkdir()
    other = {"backend": "jax", "floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps(other))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KERAS", "TF_"))}
    environment |= {"HOME": str(tmp_path), "KERAS_BACKEND": "torch", "KERAS_MAX_EPOCHS": "0"}
    environment |= {"TF_USE_LEGACY_KERAS": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", SETTINGS], capture_output=True, text=True, check=True, env=environment, timeout=200
    )
    assert json.loads(ran.stdout) == ["tensorflow", "float32", "float32", 1e-7, "channels_last", None, "3"]
