"""Makes a folder that MLflow loads as a model: `mlflow.keras.load_model`, `mlflow.pyfunc.load_model`.

It has the files that `mlflow.keras.save_model` would write (`MLmodel`, `data/model.keras`). That function takes a
network in memory, for which the driver would have to import TensorFlow.
"""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path

from mlflow.models import Model

from tuner.study.paths import METADATA_FILE, MODEL_FILE

REQUIREMENTS = "requirements.txt"


def write_model_folder(saved: Path, folder: Path) -> None:
    """Copy the saved model, with its metadata.json, into a new MLflow model folder.

    The flavours keep their needs where MLflow looks for them: `data` is the folder of the model's file.
    """
    made_with = json.loads((saved / METADATA_FILE).read_text(encoding="utf-8")).get("versions", {})
    packages = {name: made_with.get(name) or version(name) for name in ("keras", "tensorflow")}
    data = folder / "data"
    data.mkdir(parents=True)
    shutil.copyfile(saved / MODEL_FILE, data / "model.keras")
    shutil.copyfile(saved / METADATA_FILE, folder / METADATA_FILE)
    (data / "keras_module.txt").write_text("keras")
    (folder / REQUIREMENTS).write_text("".join(f"{name}=={of}\n" for name, of in packages.items()))
    model = Model()
    model.add_flavor("keras", data="data", keras_version=packages["keras"], keras_backend="tensorflow")
    python = ".".join(str(made_with.get("python", "3.11")).split(".")[:3])
    model.add_flavor("python_function", loader_module="mlflow.keras", python_version=python)
    model.save(str(folder / "MLmodel"))
